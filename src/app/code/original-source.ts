import { readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SourceMapInput, TraceMap } from "@jridgewell/trace-mapping";
import { messageOf } from "../../errors/index.ts";
import type { Position } from "./syntax-node.ts";
import { Untraceable } from "./untraceable.ts";

/** A file that a compiler or bundler wrote, with the files that it was written from. */
export interface BuiltFile {
  readonly path: string;
  /** By path; null where the map does not carry the text. The files need not exist. */
  readonly sources: ReadonlyMap<string, string | null>;
  /** What stood at a position before the build. */
  original(position: Position): { readonly path: string; readonly position: Position } | null;
}

const load = createRequire(import.meta.url);
const known = new Map<string, { readonly stamp: string; readonly built: BuiltFile | null }>();

/** A text that changes when the file does; null where there is no such file. */
export function fileStamp(path: string): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? `${stats.mtimeMs}:${stats.size}` : null;
  } catch {
    // A file stands where the path has a folder, or the folder cannot be read.
    return null;
  }
}

/** The real path of a file, or of as much of its path as exists: one file has one name. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/** What a JavaScript file was built from; null where it names no source map and so is an original itself. */
export function openBuiltFile(path: string): BuiltFile | null {
  if (!/^\.[cm]?jsx?$/.test(extname(path))) return null;
  const stamp = fileStamp(path);
  if (stamp === null) return null;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.built;
  const url = mapUrl(readFileSync(path, "utf8"));
  const built = url === null ? null : readBuiltFile(path, url);
  known.set(path, { stamp, built });
  return built;
}

function mapUrl(text: string): string | null {
  const pattern = /^[ \t]*(?:\/\/|\/\*)[#@][ \t]*sourceMappingURL=([^\s*]+)/gm;
  let last: string | null = null;
  for (const match of text.matchAll(pattern)) last = match[1] ?? null;
  return last;
}

function readBuiltFile(path: string, url: string): BuiltFile {
  const inline = url.startsWith("data:");
  const mapPath = inline ? path : resolve(dirname(path), decodeURIComponent(url.replace(/^file:\/\//, "")));
  const text = inline ? inlineMap(url) : readMap(path, mapPath);
  const tracing = load("@jridgewell/trace-mapping") as typeof import("@jridgewell/trace-mapping");
  let map: TraceMap;
  try {
    map = new tracing.FlattenMap(JSON.parse(text) as SourceMapInput, pathToFileURL(mapPath).href);
  } catch (error) {
    throw new Untraceable(`the source map of ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const paths = map.resolvedSources.map((source) => sourcePath(source, path));
  return {
    path,
    sources: new Map(paths.map((source, index) => [source, map.sourcesContent?.[index] ?? null])),
    original(position) {
      const found = tracing.originalPositionFor(map, position);
      if (found.source === null) return null;
      return { path: sourcePath(found.source, path), position: { line: found.line, column: found.column } };
    },
  };
}

function readMap(path: string, mapPath: string): string {
  try {
    return readFileSync(mapPath, "utf8");
  } catch (error) {
    throw new Untraceable(`the source map of ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function inlineMap(url: string): string {
  const comma = url.indexOf(",");
  const data = url.slice(comma + 1);
  return url.slice(0, comma).endsWith("base64")
    ? Buffer.from(data, "base64").toString("utf8")
    : decodeURIComponent(data);
}

/** Bundlers may write sources as `webpack://name/./src/a.ts`: below the directory of the package. */
function sourcePath(source: string | null, builtPath: string): string {
  if (source === null) return "";
  if (source.startsWith("file:")) return realPath(fileURLToPath(source));
  const foreign = /^[a-z][a-z0-9+.-]*:\/\/[^/]*\/(.*)$/i.exec(source);
  return realPath(foreign ? resolve(packageDirectory(builtPath), `./${foreign[1]}`) : resolve(source));
}

function packageDirectory(path: string): string {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (fileStamp(join(at, "package.json")) !== null) return at;
    if (dirname(at) === at) return dirname(path);
  }
}
