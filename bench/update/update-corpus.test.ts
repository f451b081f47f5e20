import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TextCensus } from "./text-census.ts";
import { type Change, UpdateCorpus } from "./update-corpus.ts";

function makeCorpus(): UpdateCorpus {
  const directory = mkdtempSync(join(tmpdir(), "sluice-corpus-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return new UpdateCorpus(join(directory, "corpus"), 200, 1);
}

function contentOf(corpus: UpdateCorpus): Map<string, string> {
  return new Map(corpus.paths.map((path) => [path, readFileSync(join(corpus.directory, path), "utf8")]));
}

function changed(corpus: UpdateCorpus, change: Change) {
  const before = contentOf(corpus);
  corpus.change(change);
  const after = contentOf(corpus);
  return {
    edited: [...after].filter(([path, text]) => before.has(path) && before.get(path) !== text).length,
    added: [...after.keys()].filter((path) => !before.has(path)).length,
    deleted: [...before.keys()].filter((path) => !after.has(path)).length,
  };
}

test("equal seeds make equal files, through all changes", () => {
  const both = [makeCorpus(), makeCorpus()];
  for (const corpus of both) for (const change of ["edit", "touch", "rename"] as const) corpus.change(change);
  expect(contentOf(both[0]!)).toEqual(contentOf(both[1]!));
});

test("a change is of so many files", () => {
  const corpus = makeCorpus();
  expect(changed(corpus, "edit")).toEqual({ edited: 2, added: 1, deleted: 1 });
  expect(changed(corpus, "rename")).toEqual({ edited: 0, added: 20, deleted: 20 });
  const times = () => corpus.paths.map((path) => statSync(join(corpus.directory, path)).mtimeMs);
  const before = times();
  expect(changed(corpus, "touch")).toEqual({ edited: 0, added: 0, deleted: 0 });
  expect(times().filter((time, i) => time !== before[i])).toHaveLength(2);
});

test("hardly two pieces have one text, and a census knows which ones are new", () => {
  const corpus = makeCorpus();
  const census = new TextCensus();
  const { pieces, newTexts } = census.take(corpus.directory, corpus.paths);
  expect(newTexts).toBeGreaterThan(pieces * 0.99);
  expect(newTexts).toBeLessThanOrEqual(pieces);
  corpus.change("rename");
  expect(census.take(corpus.directory, corpus.paths)).toEqual({ pieces, newTexts: 0 });
  corpus.edit(1);
  expect(census.take(corpus.directory, corpus.paths).newTexts).toBeGreaterThan(0);
});
