import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seededRandom } from "../../kernel/random.ts";
import { type Fingerprint, fingerprint } from "../../values/fingerprint.ts";
import { kinds } from "./keys.ts";
import { MemoIndex } from "./memo-index.ts";
import { Tree } from "./tree.ts";

let directory: string;
let file: string;
let tree: Tree;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-memo-index-"));
  file = join(directory, "store.mdb");
  tree = new Tree(file, { readOnly: false });
});

afterEach(async () => {
  await tree.close();
  rmSync(directory, { recursive: true, force: true });
});

test("entries are found in lists, and where they belong once there are many", () => {
  const index = new MemoIndex(tree, file);
  const all = Array.from({ length: 33_000 }, (_, i) => memo(i));
  add(index, new Map(all.slice(0, 32_000).map((name, i) => [name, i + 1])));
  expect([recordsOf(kinds.memoNew), recordsOf(kinds.memoPlace)]).toEqual([1, 0]);
  add(index, new Map(all.slice(32_000).map((name, i) => [name, 32_001 + i])));
  expect([recordsOf(kinds.memoNew), recordsOf(kinds.memoPlace)]).toEqual([0, 33_000]);
  const [fresh, one] = [new MemoIndex(tree, file), memo(40_000)];
  for (const each of [index, fresh]) {
    each.refresh();
    expect(all.map((name) => each.placeOf(name))).toEqual(all.map((_, i) => i + 1));
    expect(each.placeOf(one)).toBe(0);
  }
  add(index, new Map([[one, 33_001]]));
  fresh.refresh();
  expect(fresh.placeOf(one)).toBe(33_001);
});

test("says what is stored, whatever others add, sort in, remove or give up", () => {
  const random = seededRandom(1);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random.next() * from.length)]!;
  const indexes = [1, 2, 3].map(() => new MemoIndex(tree, file));
  const names = Array.from({ length: 60 }, (_, i) => memo(i));
  const stored = new Map<Fingerprint, number>();
  for (let step = 0, place = 0; step < 600; step++) {
    const given = names.filter((name) => !stored.has(name) && random.next() < 0.2);
    const entries = new Map(given.map((name) => [name, ++place]));
    const removed = [...stored.keys()].filter(() => random.next() < 0.1);
    const index = pick(indexes);
    const how = pick(["add", "add", "remove", "sort in"]);
    try {
      tree.transact(() => {
        index.refresh();
        if (how === "add") index.add(entries);
        else if (how === "remove") index.remove(removed);
        else index.sortIn();
        if (random.next() < 0.2) throw new Error("given up");
      });
      if (how === "add") for (const [name, at] of entries) stored.set(name, at);
      if (how === "remove") for (const name of removed) stored.delete(name);
    } catch {
      index.forget();
    }
    const reader = pick(indexes);
    reader.refresh();
    expect(names.map((name) => reader.placeOf(name))).toEqual(names.map((name) => stored.get(name) ?? 0));
  }
  expect(stored.size).toBeGreaterThan(0);
});

function memo(i: number): Fingerprint {
  return fingerprint(String(i));
}

function add(index: MemoIndex, entries: ReadonlyMap<Fingerprint, number>): void {
  tree.transact(() => {
    index.refresh();
    index.add(entries);
  });
}

function recordsOf(kind: number): number {
  return tree.keysFrom(Buffer.of(kind), Buffer.of(kind + 1), 1_000_000).length;
}
