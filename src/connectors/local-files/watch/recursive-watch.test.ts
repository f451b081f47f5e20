import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { systemClock } from "../../../kernel/clock.ts";
import { deferred } from "../../../kernel/deferred.ts";
import { compilePatterns } from "../patterns.ts";
import { watchFiles } from "./watch-files.ts";

/** Watches the way that is taken where one watch of the system covers all below. Here Node makes up such a watch. */
async function watchRecursively(tree: TemporaryTree): Promise<Set<string>> {
  const told = new Set<string>();
  const stop = new AbortController();
  const armed = deferred<void>();
  const options = { signal: stop.signal, armed: armed.resolve, alive() {}, missed() {}, degraded() {} };
  const root = { given: ".", path: tree.path, stableInodes: true };
  const filter = compilePatterns({ excludedPatterns: ["out"] });
  const changes = watchFiles({
    root,
    filter,
    clock: systemClock,
    recursive: true,
    lastListed: () => null,
    listingObservers: new Set(),
    options,
  });
  const ended = (async () => {
    for await (const paths of changes) for (const path of paths) told.add(path);
  })();
  onTestFinished(() => {
    stop.abort();
    return ended;
  });
  await armed.promise;
  return told;
}

/** Repeats what changes until it is told: the watch that Node makes up needs a while to see new directories. */
async function untilTold(told: Set<string>, names: readonly string[], change: () => void): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!names.every((name) => told.has(name))) {
    change();
    if (performance.now() > giveUpAt) expect.fail(`${names} were not told; ${[...told]} were`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

it.skipIf(process.platform === "win32")(
  "one watch of all that is below tells of files by their paths",
  async () => {
    const tree = makeTemporaryTree({ "a/x/b.md": "1", "a/c.md": "1", "d.md": "1", "out/e.md": "1" });
    symlinkSync("a/x", tree.at("again"));
    const told = await watchRecursively(tree);
    await untilTold(told, ["a/x/b.md", "again/b.md", "d.md"], () => {
      for (const name of ["a/x/b.md", "d.md", "out/e.md"]) tree.write(name, "2");
    });
    expect([...told].sort()).toEqual(["a/x/b.md", "again/b.md", "d.md"]);
    renameSync(tree.at("a"), tree.at("moved"));
    const names = ["a/c.md", "a/x/b.md", "again/b.md", "moved/c.md", "moved/x/b.md"];
    told.clear();
    await untilTold(told, names, () => {});
    told.clear();
    mkdirSync(tree.at("new"));
    await untilTold(told, ["new/f.md"], () => tree.write("new/f.md", "1"));
    told.clear();
    rmSync(tree.at("moved"), { recursive: true });
    await untilTold(told, ["moved/c.md", "moved/x/b.md"], () => {});
  },
);
