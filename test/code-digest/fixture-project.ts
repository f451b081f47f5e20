import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createCodeDigest } from "../../src/app/code/index.ts";
import type { FunctionCode } from "../../src/contracts/code-digest.ts";
import type { FunctionDefinition } from "../../src/contracts/function.ts";

/** Files by path relative to the project. */
export type Files = Readonly<Record<string, string>>;

/** A user's project in a temporary folder. */
export interface FixtureProject {
  readonly directory: string;
  path(name: string): string;
  write(files: Files): void;
  /** The code of a function that `flow.ts`, or another file, defines; without loading the file. */
  code(options?: DefinitionOptions): FunctionCode;
  [Symbol.dispose](): void;
}

export interface DefinitionOptions {
  readonly file?: string;
  readonly name?: string;
  readonly deps?: Readonly<Record<string, unknown>>;
  readonly line?: number;
  readonly column?: number;
  readonly parts?: readonly ("run" | "runBatch" | "prepare")[];
}

export function openFixtureProject(files: Files): FixtureProject {
  const directory = mkdtempSync(join(tmpdir(), "sluice-code-"));
  const project: FixtureProject = {
    directory,
    path: (name) => join(directory, name),
    write(more) {
      for (const [name, text] of Object.entries(more)) {
        const path = join(directory, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    },
    code: (options = {}) =>
      createCodeDigest().of(definitionIn(join(directory, options.file ?? "flow.ts"), options)),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  project.write(files);
  return project;
}

/** The fingerprint of the function `f` of `flow.ts` in a project of these files. */
export function fingerprintOf(files: Files | string, options: DefinitionOptions = {}): string {
  using project = openFixtureProject(typeof files === "string" ? { "flow.ts": files } : files);
  return project.code(options).fingerprint;
}

export function definitionIn(path: string, options: DefinitionOptions): FunctionDefinition {
  const has = (part: "run" | "runBatch" | "prepare") => (options.parts ?? ["run"]).includes(part);
  const stub = () => undefined;
  return {
    kind: "function",
    name: options.name ?? "f",
    input: {},
    output: {} as FunctionDefinition["output"],
    spec: null,
    batching: has("runBatch") ? { maxBatchSize: 8 } : null,
    prepare: has("prepare") ? stub : null,
    run: has("run") ? stub : null,
    runBatch: has("runBatch") ? stub : null,
    countTokens: null,
    limits: null,
    callSite: { file: path, line: options.line ?? 1, column: options.column ?? 1 },
    ...(options.deps ? { deps: options.deps } : {}),
  };
}
