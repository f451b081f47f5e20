import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CommitQueue } from "./commit-queue.ts";
import { Tree } from "./tree.ts";

test("says that a transaction was given up, and lands what was right with it anew", async () => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-queue-"));
  const tree = new Tree(join(directory, "store.mdb"), { readOnly: false });
  onTestFinished(async () => {
    await tree.close();
    rmSync(directory, { recursive: true });
  });
  const [one, other] = [Buffer.from("one"), Buffer.from("other")];
  const seen: string[] = [];
  const queue = new CommitQueue(tree, () => {
    seen.push(`given up, ${tree.has(one) ? "one" : "none"} stored`);
  });
  const landing = queue.add(() => {
    seen.push("one");
    tree.put(one, one);
  });
  const failing = queue.add(() => {
    tree.put(other, other);
    throw new Error("the step failed");
  });
  await expect(failing).rejects.toThrow("the step failed");
  await landing;
  expect(seen).toEqual(["one", "given up, none stored", "one", "given up, one stored"]);
  expect([tree.has(one), tree.has(other)]).toEqual([true, false]);
});
