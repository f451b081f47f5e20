import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { say } from "./say.ts";

const repository = resolve(import.meta.dirname, "..", "..");

export function buildWhereNeeded(): void {
  if (isBuilt()) return;
  say("Building dist/ …\n");
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
}

/** Whether the build is newer than everything that it was made from. */
function isBuilt(): boolean {
  const built = join(repository, "dist", "cli", "main.js");
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  const sources = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" });
  return sources.every((name) => statSync(join(repository, "src", name)).mtimeMs <= builtAt);
}
