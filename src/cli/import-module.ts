import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { definedFlows } from "../app/flow-registry.ts";
import { ownPackage } from "../app/own-directory.ts";
import { userFrame } from "./user-frame.ts";

// A CommonJS package that is imported, Node first reads through for its exports, which takes longer than running it.
const load = createRequire(import.meta.url);

/** Runs a module of the user's, in TypeScript or JavaScript, in the module graph that Sluice itself runs in. */
export async function importModule(path: string): Promise<void> {
  if (/\.[cm]?js$/.test(path) && (await importNatively(path))) return;
  const { createJiti } = load("jiti") as typeof import("jiti");
  const jiti = createJiti(pathToFileURL(path).href, {
    fsCache: cacheDirectory(path) ?? false,
    // Else jiti would compile a second copy for a project whose code is CommonJS.
    nativeModules: ["sluice"],
    tsconfigPaths: true,
    jsx: true,
    alias: aliasesFor(path),
  });
  await jiti.import(path);
}

/**
 * Lets Node load it, which says more precisely what is wrong; false where Node cannot, since the module is not
 * valid as it stands or imports what only a compiler finds. It has not run then.
 */
async function importNatively(path: string): Promise<boolean> {
  const before = new Set(definedFlows());
  try {
    await import(pathToFileURL(path).href);
    return true;
  } catch (error) {
    if (!isFromLinking(error)) throw error;
    for (const flow of definedFlows()) if (!before.has(flow)) flow.close();
    return false;
  }
}

const linkingCodes: ReadonlySet<unknown> = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_MODULE_NOT_FOUND",
  "MODULE_NOT_FOUND",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_REQUIRE_ESM",
  "ERR_IMPORT_ATTRIBUTE_MISSING",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
]);

function isFromLinking(error: unknown): boolean {
  if (error instanceof SyntaxError) return userFrame(error) === null;
  return linkingCodes.has((error as { readonly code?: unknown } | null)?.code);
}

/** Where compiled files are kept between runs; never a directory that other users may write to. */
function cacheDirectory(path: string): string | null {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const modules = join(directory, "node_modules");
    if (existsSync(modules)) return join(modules, ".cache", "jiti");
    if (directory === dirname(directory)) return null;
  }
}

/** A project without Sluice among its modules gets the one that it is run with. */
function aliasesFor(path: string): Record<string, string> {
  try {
    createRequire(path).resolve("sluice");
    return {};
  } catch {
    return ownEntries();
  }
}

function ownEntries(): Record<string, string> {
  const root = ownPackage();
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | { default: string }>;
  };
  const entries = Object.entries(exports).map(([name, entry]): [string, string] => [
    join("sluice", name).replaceAll("\\", "/"),
    join(root, typeof entry === "string" ? entry : entry.default),
  ]);
  return Object.fromEntries(entries);
}
