import { join, resolve } from "node:path";
import ts from "typescript";
import type { Finding } from "../project/finding.ts";
import { readManifest, sourceEntries } from "../project/package-manifest.ts";
import type { DocumentModule } from "./code-blocks.ts";

/** Type-checks modules as if they were files of a user's project whose `sluice` is our source. */
export function typeCheck(root: string, modules: readonly DocumentModule[]): Finding[] {
  if (modules.length === 0) return [];
  const files = new Map(modules.map((module, n) => [join(root, `document-${n}.ts`), module]));
  const options = compilerOptions(root);
  const host = overlay(
    ts.createCompilerHost(options),
    new Map([...files].map(([path, { code }]) => [path, code])),
  );
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, module]) => {
    const source = program.getSourceFile(path);
    const syntax = program.getSyntacticDiagnostics(source);
    const diagnostics = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(source);
    return diagnostics.map((one) => toFinding(one, module));
  });
}

function toFinding({ file, start, messageText }: ts.Diagnostic, module: DocumentModule): Finding {
  const line = file ? file.getLineAndCharacterOfPosition(start ?? 0).line + 1 : 1;
  const message = ts.flattenDiagnosticMessageText(messageText, " ");
  return { rule: "code-block", ...module.lineOf(line), message };
}

function compilerOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const parsed = ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
  const name = readManifest(root).name;
  const paths = Object.fromEntries(
    [...sourceEntries(readManifest(root))].map(([subpath, source]) => [
      name + subpath.slice(1),
      [resolve(root, source)],
    ]),
  );
  // A reader's block may leave a name unused for the next block, or for the sake of being short.
  return { ...parsed, paths, noUnusedLocals: false, noUnusedParameters: false, noEmit: true };
}

function overlay(host: ts.CompilerHost, files: ReadonlyMap<string, string>): ts.CompilerHost {
  return {
    ...host,
    fileExists: (path) => files.has(path) || host.fileExists(path),
    readFile: (path) => files.get(path) ?? host.readFile(path),
    getSourceFile: (path, languageVersion, ...rest) => {
      const text = files.get(path);
      return text === undefined
        ? host.getSourceFile(path, languageVersion, ...rest)
        : ts.createSourceFile(path, text, languageVersion);
    },
  };
}
