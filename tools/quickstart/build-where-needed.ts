import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "../build/build.ts";
import { say } from "./say.ts";

const repository = resolve(import.meta.dirname, "..", "..");

export async function buildWhereNeeded(): Promise<void> {
  if (isBuilt()) return;
  say("Building dist/ …\n");
  await build();
}

/** Whether the build is newer than everything that it was made from. */
function isBuilt(): boolean {
  const built = join(repository, "dist", "cli", "main.js");
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  const sources = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" });
  return sources.every((name) => statSync(join(repository, "src", name)).mtimeMs <= builtAt);
}
