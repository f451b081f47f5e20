import { expect, test } from "vitest";
import { areaTimes } from "./profile-areas.ts";

const frames: readonly (readonly [functionName: string, url: string])[] = [
  ["(garbage collector)", ""],
  ["(idle)", ""],
  ["lstat", ""],
  ["finishTxn", "file:///somewhere/node_modules/lmdb/dist/index.cjs"],
  ["put", "file:///somewhere/node_modules/lmdb/dist/index.cjs"],
  ["digest", "file:///somewhere/dist/shared/plan-setup.js"],
  ["wholly unknown", ""],
];

test("the time of each function goes to what it is for, and waiting to nothing", () => {
  const profile = {
    nodes: frames.map(([functionName, url], id) => ({ id, callFrame: { functionName, url } })),
    samples: [0, 1, 2, 3, 4, 5, 6, 2],
    timeDeltas: [1_000, 9_000, 2_000, 3_000, 4_000, 5_000, 6_000, 500],
  };
  expect(areaTimes(profile)).toEqual([
    { area: "garbage collection", ms: 1 },
    { area: "files of the source", ms: 2.5 },
    { area: "transactions of the store", ms: 3 },
    { area: "other work of the store", ms: 4 },
    { area: "the engine", ms: 5 },
    { area: "other of Node", ms: 6 },
  ]);
});
