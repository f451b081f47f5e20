import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { CheckResult, Finding } from "../project/finding.ts";
import { type PackageManifest, readManifest, sourceOf } from "../project/package-manifest.ts";
import { listFiles } from "../project/source-tree.ts";

/** Looks at an installed package as its user gets it. `project` is where its sources are. */
export async function inspectPackage(installed: string, project: string): Promise<CheckResult> {
  const files = new Set(listPackageFiles(installed));
  const manifest = readManifest(installed);
  const findings = [
    ...findMissing(manifest, files),
    ...[...files].flatMap((path) => inspectFile(installed, project, path, files)),
    ...(await lintManifest(installed)),
  ];
  return { findings, filesRead: files.size };
}

/** `dist` is generated to the rest of the tools; here it is what counts. */
function listPackageFiles(installed: string): string[] {
  const dist = existsSync(join(installed, "dist")) ? listFiles(installed, "dist") : [];
  return [...listFiles(installed), ...dist];
}

function packageFinding(rule: string, file: string, message: string): Finding {
  return { rule, file, line: 1, message };
}

function findMissing(manifest: PackageManifest, files: ReadonlySet<string>): Finding[] {
  const exported = Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  const wanted = [...exported, ...Object.values(manifest.bin ?? {})].map((path) => path.replace(/^\.\//, ""));
  const included = (path: string) =>
    files.has(path) || [...files].some((file) => file.startsWith(`${path}/`));
  return [...new Set([...wanted, ...(manifest.files ?? [])])]
    .filter((path) => !included(path))
    .map((path) => packageFinding("missing", "package.json", `names ${path}, which is not in the package`));
}

function inspectFile(
  installed: string,
  project: string,
  path: string,
  files: ReadonlySet<string>,
): Finding[] {
  if (/\.test\.|(^|\/)(test|fixtures)\//.test(path)) {
    return [packageFinding("test-file", path, "is a test and does not belong in the package")];
  }
  if (path.endsWith(".tsbuildinfo")) {
    return [packageFinding("leftover", path, "is of use to the compiler alone")];
  }
  if (sourceOf(path) !== null && !files.has(`${path}.map`) && hasCode(join(installed, path))) {
    return [packageFinding("source-map", path, "has no source map")];
  }
  return path.endsWith(".js.map") ? inspectSourceMap(installed, project, path) : [];
}

/** Whether a built file has more in it than what it passes on from others. */
function hasCode(path: string): boolean {
  return /^(?!(import|export) \{).*\S/m.test(readFileSync(path, "utf8"));
}

/** The sources are embedded, so that stack traces and the digest of code need no second copy of `src`. */
function inspectSourceMap(installed: string, project: string, path: string): Finding[] {
  const map = JSON.parse(readFileSync(join(installed, path), "utf8")) as {
    readonly sources: readonly string[];
    readonly sourcesContent?: readonly (string | null)[];
  };
  const gone = map.sources.find((source) => !existsSync(join(project, dirname(path), source)));
  if (gone !== undefined) {
    return [packageFinding("leftover", path, `was built from ${gone}, which is gone; build anew`)];
  }
  const embedded = map.sources.every((_, index) => typeof map.sourcesContent?.[index] === "string");
  return embedded ? [] : [packageFinding("source-map", path, "does not embed its sources")];
}

async function lintManifest(installed: string): Promise<Finding[]> {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  return messages.map((message) =>
    packageFinding("publint", "package.json", formatMessage(message, pkg, { color: false }) ?? message.code),
  );
}
