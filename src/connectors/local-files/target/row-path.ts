/** The directory in a target's directory where it keeps what is its own: the list of its files, and drafts. */
export const controlName = ".sluice-files";

const maxNameLength = 255;

/** The path of a row's file, relative to the directory of its target: its key, with the suffix. */
export function rowPath(key: string, suffix: string): string {
  return key + suffix;
}

/** The key of the row that a file is, by its path. */
export function rowKey(path: string, suffix: string): string {
  return path.slice(0, path.length - suffix.length);
}

/**
 * Why a key cannot be the path of a file below a directory; null where it can. Keys come from data, so that all is
 * refused that could lead elsewhere, be two files' name, or be no name on this platform.
 */
export function findKeyProblem(key: string, suffix: string, platform: string): string | null {
  if (key === "") return "it is empty";
  if (key.includes("\0")) return "it holds a NUL";
  if (/\p{Surrogate}/u.test(key)) return "it is no valid Unicode";
  const names = key.split("/");
  if (names.includes("")) return key.startsWith("/") ? "it is an absolute path" : "a name in it is empty";
  if (names.some((name) => name === "." || name === "..")) return 'it has a name "." or ".."';
  names.push(names.pop()! + suffix);
  if (isControlName(names[0]!)) return `${controlName} is the target's own`;
  for (const name of names) {
    const problem = findNameProblem(name, platform);
    if (problem !== null) return problem;
  }
  return null;
}

function findNameProblem(name: string, platform: string): string | null {
  // Linux counts bytes, the others UTF-16 units.
  const length = platform === "win32" || platform === "darwin" ? name.length : Buffer.byteLength(name);
  if (length > maxNameLength) return `a name in it is longer than ${maxNameLength}`;
  return platform === "win32" ? findWindowsProblem(name) : null;
}

/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function findWindowsProblem(name: string): string | null {
  const forbidden = /[\p{Cc}<>:"\\|?*]/u.exec(name);
  if (forbidden) return `Windows takes no ${JSON.stringify(forbidden[0])} in names`;
  if (/[. ]$/.test(name)) return "Windows takes no name that ends with a dot or a space";
  if (/^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i.test(name))
    return `${JSON.stringify(name)} is a device of Windows`;
  return null;
}

/** Also as file systems spell it that mind neither case nor characters that are not seen. */
function isControlName(name: string): boolean {
  const plain = name.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return plain.toLowerCase() === controlName;
}
