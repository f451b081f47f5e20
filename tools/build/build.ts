import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import { readManifest } from "../project/package-manifest.ts";
import { builtEntries } from "./built-entries.ts";

const repository = resolve(import.meta.dirname, "..", "..");

/**
 * Makes `dist` anew: JavaScript in few files, because loading hundreds of small ones costs more than running them
 * (decision 24), and the declarations of every module.
 */
export async function build(): Promise<void> {
  rmSync(join(repository, "dist"), { recursive: true, force: true });
  writeDeclarations();
  await bundle();
}

function writeDeclarations(): void {
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  const options = ["-p", "tsconfig.build.json", "--emitDeclarationOnly"];
  execFileSync(process.execPath, [compiler, ...options], { cwd: repository, stdio: "inherit" });
}

async function bundle(): Promise<void> {
  const bundler = await rolldown({
    cwd: repository,
    input: builtEntries(readManifest(repository)),
    platform: "node",
    // What users install beside us stays as it is.
    external: (specifier) => !/^[./]/.test(specifier),
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  await bundler.write({
    dir: "dist",
    format: "esm",
    sourcemap: true,
    comments: { annotation: false, jsdoc: false, legal: true },
    entryFileNames: "[name].js",
    chunkFileNames: "shared/[name].js",
    codeSplitting: {
      // What everything uses, which would be a file for each set of entries that share it; nothing that loads zod.
      groups: [
        { name: "base", test: /\/src\/(kernel|errors)\// },
        { name: "values", test: /\/src\/(contracts|values)\/(?!.*schema|secret|table\.ts)/ },
      ],
    },
  });
  await bundler.close();
}
