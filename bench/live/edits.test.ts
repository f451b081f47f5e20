import { describe, expect, test } from "vitest";
import { type Arrivals, type EditKind, type Edits, latenciesOf } from "./edits.ts";

/** Edits that each take a millisecond, up to the time given. */
function edits(...all: readonly (readonly [EditKind, string, stamp: number, ended: number])[]): Edits {
  return {
    kinds: all.map(([kind]) => kind),
    paths: all.map(([, path]) => path),
    stamps: all.map(([, , stamp]) => stamp),
    began: all.map(([, , , ended]) => ended - 1),
    ended: all.map(([, , , ended]) => ended),
  };
}

function arrivals(...all: readonly (readonly [path: string, stamp: number | null, at: number])[]): Arrivals {
  return {
    paths: all.map(([path]) => path),
    stamps: all.map(([, stamp]) => stamp),
    at: all.map(([, , at]) => at),
  };
}

describe("what of edits has arrived", () => {
  test("counts from the end of the write to the first row that is as fresh", () => {
    const both = edits(["edit", "a", 1, 100], ["edit", "b", 2, 110]);
    const came = arrivals(["b", 2, 120], ["a", 1, 135], ["a", 1, 150]);
    expect(latenciesOf(both, came)).toEqual({ written: [10, 35], deleted: [], unseen: 0, lost: 0 });
  });

  test("a later write of a file stands for an earlier one, and not the other way round", () => {
    const twice = edits(["edit", "a", 1, 100], ["edit", "a", 2, 110]);
    expect(latenciesOf(twice, arrivals(["a", 2, 130]))).toMatchObject({ written: [30, 20], lost: 0 });
    expect(latenciesOf(twice, arrivals(["a", 1, 130]))).toMatchObject({ written: [30], lost: 1 });
  });

  test("a row without a stamp, as of half a page, is no arrival", () => {
    expect(latenciesOf(edits(["edit", "a", 1, 100]), arrivals(["a", 0, 105]))).toMatchObject({
      written: [],
      lost: 1,
    });
  });

  test("a row that goes stands for the removal before, and for what was written before that", () => {
    const gone = edits(["edit", "a", 1, 100], ["delete", "a", 2, 110], ["create", "a", 3, 200]);
    expect(latenciesOf(gone, arrivals(["a", null, 140]))).toEqual({
      written: [40],
      deleted: [30],
      unseen: 0,
      lost: 1,
    });
    expect(latenciesOf(gone, arrivals(["a", 3, 240]))).toMatchObject({
      written: [140, 40],
      deleted: [130],
      lost: 0,
    });
  });

  test("a row that goes before a file was removed stands for nothing", () => {
    expect(latenciesOf(edits(["delete", "a", 1, 100]), arrivals(["a", null, 90]))).toMatchObject({
      deleted: [],
    });
  });

  test("a file that came and went unseen is not lost, one that the target still holds is", () => {
    const came = edits(["create", "a", 1, 100], ["delete", "a", 2, 110]);
    expect(latenciesOf(came, arrivals())).toMatchObject({ unseen: 2, lost: 0 });
    expect(latenciesOf(came, arrivals(["a", 1, 105]))).toMatchObject({ written: [5], unseen: 0, lost: 1 });
    expect(latenciesOf(edits(["delete", "a", 1, 100]), arrivals())).toMatchObject({ unseen: 0, lost: 1 });
  });
});
