import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseSource } from "./parse-source.ts";
import { treeCacheAbove } from "./tree-cache.ts";

const text = 'export const answer: number = 41 + 1n ** 2n; @legacy class A { "x" = /a/g }\n';

let project: string;
let path: string;
let kept: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "sluice-trees-"));
  path = join(project, "src", "a.ts");
  kept = join(project, "node_modules", ".cache", "sluice");
  mkdirSync(join(project, "node_modules"));
});

afterEach(() => rmSync(project, { recursive: true }));

function parse(source = text) {
  return parseSource(path, source, treeCacheAbove(path));
}

function keptFile(): string {
  const names = readdirSync(kept);
  expect(names).toHaveLength(1);
  return join(kept, names[0]!);
}

test("a tree is kept, and is the same when it is found", () => {
  const parsed = parse();
  expect(parsed).toEqual(parseSource(path, text));
  const before = readFileSync(keptFile(), "utf8");
  expect(parse()).toEqual(parsed);
  expect(readFileSync(keptFile(), "utf8")).toBe(before);
});

test("a tree that is found is not parsed again", () => {
  const digests: string[] = [];
  const trees = ['{"type":"Program","body":[]}'];
  const cache = {
    read: (_path: string, digest: string) => {
      digests.push(digest);
      return trees[0]!;
    },
    write: () => expect.unreachable(),
  };
  const found = parseSource(path, "this is not code", cache);
  expect(found).toEqual({ program: { type: "Program", body: [] }, isModule: false });
  parseSource(path, "nor is this", cache);
  parseSource(`${path}x`, "nor is this", cache);
  expect(new Set(digests).size).toBe(3);
});

test("another text of a file takes the place of the one before", () => {
  parse();
  const other = parse("export const other = 1;\n");
  expect(other).toEqual(parseSource(path, "export const other = 1;\n"));
  expect(parse()).toEqual(parseSource(path, text));
  keptFile();
});

test.each([
  ["cut off", (whole: string) => whole.slice(0, -20)],
  ["empty", () => ""],
  ["changed", (whole: string) => whole.replace("answer", "ansver")],
])("a file that is %s is not believed", (_how, damage) => {
  const parsed = parse();
  const whole = readFileSync(keptFile(), "utf8");
  writeFileSync(keptFile(), damage(whole));
  expect(parse()).toEqual(parsed);
  expect(readFileSync(keptFile(), "utf8")).toBe(whole);
});

test("what cannot be put in its place leaves nothing behind", () => {
  parse();
  const place = keptFile();
  rmSync(place);
  mkdirSync(place);
  expect(parse()).toEqual(parseSource(path, text));
  expect(readdirSync(kept)).toHaveLength(1);
});

test("where nothing can be kept, nothing is", () => {
  writeFileSync(join(project, "node_modules", ".cache"), "a file");
  const parsed = parse();
  expect(parsed).toEqual(parseSource(path, text));
  rmSync(join(project, "node_modules"), { recursive: true });
  expect(parse()).toEqual(parsed);
  expect(existsSync(kept)).toBe(false);
});

test("of very many files the newer ones stay", () => {
  mkdirSync(kept, { recursive: true });
  for (let i = 0; i < 600; i++) writeFileSync(join(kept, `${i}.json`), "");
  const parsed = parse();
  expect(readdirSync(kept).length).toBeLessThanOrEqual(301);
  const left = readdirSync(kept);
  expect(parse()).toEqual(parsed);
  expect(readdirSync(kept)).toEqual(left);
});
