import { findSourceMap } from "node:module";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import type { CallSite } from "../../contracts/call-site.ts";
import { codeFile, type ModuleText, openBuiltOrNull, readText, sourceOf } from "./module-store.ts";
import { type BuiltFile, fileStamp, openBuiltFile, realPath } from "./original-source.ts";
import { isInstalled } from "./package-of.ts";
import type { Position } from "./syntax-node.ts";
import { Untraceable } from "./untraceable.ts";

export interface SourcePosition extends Position {
  readonly path: string;
}

/** The original files that a call may stand in, and guesses where, best first. */
export interface CallSiteSource {
  readonly files: readonly ModuleText[];
  readonly positions: readonly SourcePosition[];
}

/**
 * From the code that runs to the code that was written. A TypeScript file is an original, whatever transforms it
 * on the fly; a JavaScript file is one unless it names a source map.
 */
export function openCallSite(site: CallSite, functionName: string): CallSiteSource {
  const path = filePath(site.file);
  // An installed package runs as it was published, under every loader, so it may serve as its own original.
  const built = isInstalled(path) ? usableOrNull(path) : openBuiltFile(path);
  if (!built) return { files: [{ path, built: null, text: null }], positions: positionsIn(path, site) };
  const origin = built.original({ line: site.line, column: site.column - 1 });
  const positions = origin ? [{ path: origin.path, ...origin.position }] : [];
  return { files: originalsOf(built, origin?.path ?? null, functionName), positions };
}

function usableOrNull(path: string): BuiltFile | null {
  const built = openBuiltOrNull(path);
  const isWhole = built && [...built.sources.keys()].every((source) => sourceOf(built, source) !== null);
  return isWhole ? built : null;
}

function filePath(file: string): string {
  const plain = file.replace(/[?#].*$/, "");
  const path = plain.startsWith("file:") ? fileURLToPath(plain) : plain;
  if (!isAbsolute(path)) throw new Untraceable(`it was defined in ${file.slice(0, 80)}, which is no file`);
  if (fileStamp(path) === null) throw new Untraceable(`${path} does not exist`);
  return realPath(path);
}

/**
 * Loaders that transform a file on the fly may have told Node how (tsx does). Without that the position is that
 * of the transformed code, which is right under type stripping, and right by line where lines are kept (jiti).
 */
function positionsIn(path: string, site: CallSite): readonly SourcePosition[] {
  const raw = { path, line: site.line, column: site.column - 1 };
  const map = findSourceMap(site.file) ?? findSourceMap(path);
  const entry = map?.findEntry(site.line - 1, site.column - 1);
  if (!entry || !("originalLine" in entry)) return [raw];
  return [{ path, line: entry.originalLine + 1, column: entry.originalColumn }, raw];
}

/** The file that the position is in comes first; a position can be off, so whatever names the function follows. */
function originalsOf(built: BuiltFile, likely: string | null, functionName: string): readonly ModuleText[] {
  const sources = [...built.sources.keys()]
    .filter((path) => codeFile.test(path) && (path === likely || !isInstalled(path)))
    .map((path) => sourceOf(built, path))
    .filter((source) => source !== null);
  if (sources.length === 0) {
    throw new Untraceable(`neither the source map of ${built.path} nor the disk has what it was built from`);
  }
  const first = sources.filter(({ path }) => path === likely);
  const rest = sources.filter((source) => source.path !== likely && readText(source).includes(functionName));
  return [...first, ...rest];
}
