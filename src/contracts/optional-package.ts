import { SluiceError } from "../errors/index.ts";

/**
 * What a package gives that users install only where they need it. `load` imports it: `() => import("pg")`. `install`
 * is what to tell npm where the newest version is none that works.
 *
 * @throws SluiceError `package-missing`, which names the command that installs it
 */
export async function optionalPackage<T>(name: string, load: () => Promise<T>, install = name): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(name, cause)) throw cause;
    throw new SluiceError("package-missing", `the package ${name} is not installed`, {
      hint: `Install it with: npm install ${install}`,
      cause,
    });
  }
}

/** A package that is there may itself lack another one: that is told as it is. */
function isMissing(name: string, thrown: unknown): boolean {
  if (typeof thrown !== "object" || thrown === null) return false;
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown };
  const isNotFound = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  if (isNotFound) return String(message).includes(`'${name}'`);
  // What Vite puts in the place of an optional peer that is missing.
  return String(message).startsWith(`Could not resolve "${name}"`);
}
