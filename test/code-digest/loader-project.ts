import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Files, type FixtureProject, openFixtureProject } from "./fixture-project.ts";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const require = createRequire(import.meta.url);

/** A user's project with Sluice installed, whose `src/main.ts` prints the fingerprints of its functions. */
export interface LoaderProject extends FixtureProject {
  /** Fingerprints by function, of a program run in the project. */
  run(args: readonly string[]): Record<string, string>;
  tsc(options: readonly string[]): void;
  esbuild(options: readonly string[]): void;
  /** Takes the original sources away while `act` runs. */
  withoutSources<T>(act: () => T): T;
}

export function openLoaderProject(files: Files): LoaderProject {
  const project = openFixtureProject({
    ...files,
    "package.json": `{ "name": "user", "type": "module", "private": true, "imports": { "#shared": "./shared/index.ts" } }`,
    "run-jiti.mjs": `import { createJiti } from "jiti"; await createJiti(import.meta.url).import("./src/main.ts");`,
  });
  installSluice(project);
  const runFile = (file: string, args: readonly string[]) =>
    execFileSync(process.execPath, [file, ...args], {
      cwd: project.directory,
      stdio: "pipe",
      env: plainEnvironment(),
    });
  return {
    ...project,
    run(args) {
      const output = execFileSync(process.execPath, args, {
        cwd: project.directory,
        encoding: "utf8",
        env: plainEnvironment(),
      });
      return JSON.parse(output) as Record<string, string>;
    },
    tsc: (options) => void runFile(require.resolve("typescript/bin/tsc"), options),
    esbuild: (options) =>
      void execFileSync(require.resolve("esbuild/bin/esbuild"), options, {
        cwd: project.directory,
        stdio: "pipe",
      }),
    withoutSources(act) {
      renameSync(project.path("src"), project.path("hidden"));
      try {
        return act();
      } finally {
        renameSync(project.path("hidden"), project.path("src"));
      }
    },
  };
}

/** The options of Node that load tsx. */
export const tsxLoader: readonly string[] = ["--import", pathToFileURL(require.resolve("tsx")).href];

/** The test runner's own settings must not reach the programs under test. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...rest } = process.env;
  return rest;
}

function installSluice(project: FixtureProject): void {
  const sluice = project.path("node_modules/sluice");
  mkdirSync(sluice, { recursive: true });
  cpSync(builtSluice(), join(sluice, "dist"), { recursive: true });
  const exports = { ".": "./dist/contracts/define-function.js", "./code": "./dist/app/code/index.js" };
  writeFileSync(
    join(sluice, "package.json"),
    JSON.stringify({ name: "sluice", version: "0.0.1", type: "module", exports }),
  );
  for (const name of ["@babel", "@jridgewell", "jiti", "zod", "@types", "undici-types"]) {
    symlinkSync(join(repository, "node_modules", name), project.path(`node_modules/${name}`), "dir");
  }
}

let built: FixtureProject | null = null;

function builtSluice(): string {
  if (!built) {
    built = openFixtureProject({});
    const tsc = require.resolve("typescript/bin/tsc");
    const options = ["-p", "tsconfig.build.json", "--outDir", built.directory, "--incremental", "false"];
    execFileSync(process.execPath, [tsc, ...options, "--tsBuildInfoFile", "null"], {
      cwd: repository,
      stdio: "pipe",
    });
  }
  return built.directory;
}

/** Removes what was built for the tests of a file. */
export function removeBuiltSluice(): void {
  if (built) rmSync(built.directory, { recursive: true, force: true });
  built = null;
}
