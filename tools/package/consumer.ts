import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type PackageManifest, readManifest } from "../project/package-manifest.ts";
import { isTestFile } from "../project/source-tree.ts";

/** A user's project in a directory of its own, with our package installed from its tarball. */
export interface Consumer {
  readonly directory: string;
  /** Where the package was unpacked. */
  readonly installed: string;
  remove(): void;
}

/** How a user may have configured the compiler. */
export interface ConsumerOptions {
  readonly module: "nodenext" | "esnext";
  readonly moduleResolution: "nodenext" | "bundler";
  readonly exactOptionalPropertyTypes: boolean;
}

/** What users have beside us. The versions are ours, so that npm finds them in its cache. */
const companions = ["zod", "@types/node"];

/** Packs the built project and installs it into an empty project that holds the files of `template`. */
export function createConsumer(project: string, template: string): Consumer {
  const directory = mkdtempSync(join(tmpdir(), "sluice-consumer-"));
  const tarball = pack(project, directory);
  const manifest = readManifest(project);
  const versions = { ...manifest.devDependencies, ...manifest.dependencies };
  const dependencies = Object.fromEntries(companions.map((name) => [name, versions[name] ?? "*"]));
  const consumer = { name: "consumer", private: true, type: "module", dependencies };
  writeFileSync(join(directory, "package.json"), JSON.stringify(consumer));
  cpSync(template, directory, { recursive: true });
  writeFileSync(join(directory, "subpaths.ts"), subpathImports(manifest));
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  run(directory, "npm", ["install", ...quiet, tarball]);
  return {
    directory,
    installed: join(directory, "node_modules", manifest.name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What a program may import from the package; package.json is read with another kind of import. */
export function subpathSpecifiers(manifest: PackageManifest): string[] {
  return Object.keys(manifest.exports ?? {})
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => manifest.name + subpath.slice(1));
}

/** Makes the compiler read the declarations of every subpath, whatever `consumer.ts` needs of them. */
function subpathImports(manifest: PackageManifest): string {
  const specifiers = subpathSpecifiers(manifest);
  return specifiers
    .map((specifier, n) => `export type * as m${n} from ${JSON.stringify(specifier)};\n`)
    .join("");
}

function pack(project: string, into: string): string {
  assertBuildIsNew(project);
  const args = ["pack", "--ignore-scripts", "--json", "--loglevel=error", "--pack-destination", into];
  run(project, "npm", args);
  const tarball = readdirSync(into).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm pack made no tarball");
  return join(into, tarball);
}

/** A check of yesterday's build says nothing. */
function assertBuildIsNew(project: string): void {
  const builtAt = statSync(join(project, "dist/index.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(project, "src"), { recursive: true, encoding: "utf8" });
  const newer = sources.find(
    (path) =>
      path.endsWith(".ts") && !isTestFile(path) && statSync(join(project, "src", path)).mtimeMs > builtAt,
  );
  if (newer !== undefined) throw new Error(`src/${newer} is newer than the build: run npm run build`);
}

/** Type-checks `consumer.ts` and every subpath as a user of these options would; the compiler's complaints, empty when none. */
export function typeCheckConsumer(consumer: Consumer, options: ConsumerOptions): string {
  const compilerOptions = {
    ...options,
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    types: ["node"],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const config = join(consumer.directory, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ compilerOptions, files: ["consumer.ts", "subpaths.ts"] }));
  const compiler = resolve("node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", config], { encoding: "utf8" });
  return stdout.trim();
}

/** Runs a program of the consumer in plain Node; what it prints. */
export function runInConsumer(consumer: Consumer, args: readonly string[]): string {
  return run(consumer.directory, process.execPath, args);
}

function run(directory: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
}
