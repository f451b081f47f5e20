import { readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { makeTemporaryTree } from "../test/support/temporary-tree.ts";
import { pagePath, writeCorpus } from "./corpus.ts";

test("a corpus is nested Markdown of 1 to 8 KB, the same for the same seed", () => {
  const [one, same, other] = [makeTemporaryTree(), makeTemporaryTree(), makeTemporaryTree()];
  writeCorpus(one.path, 600, 1);
  writeCorpus(same.path, 600, 1);
  writeCorpus(other.path, 600, 2);
  const files = readdirSync(one.path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = Array.from({ length: 600 }, (_, index) => pagePath(index));
  expect(files).toHaveLength(600);
  expect(new Set(paths.map((path) => path.split("/").slice(0, -1).join("/"))).size).toBe(30);
  const sizes = paths.map((path) => statSync(one.at(path)).size);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1_024);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8_192);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeGreaterThan(6_000);
  const text = (tree: typeof one, path: string) => readFileSync(tree.at(path), "utf8");
  expect(paths.filter((path) => text(one, path) !== text(same, path))).toEqual([]);
  expect(paths.filter((path) => text(one, path) === text(other, path))).toEqual([]);
});
