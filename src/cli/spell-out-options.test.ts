import { expect, test } from "vitest";
import { spellOutOptions } from "./spell-out-options.ts";

test.each([
  ["update --allow-deletions flows.ts", "update --allow-deletions=any flows.ts"],
  ["update flows.ts --allow-deletions", "update flows.ts --allow-deletions=any"],
  ["update --allow-deletions --quiet flows.ts", "update --allow-deletions=any --quiet flows.ts"],
  ["update --allow-deletions=5 flows.ts", "update --allow-deletions=5 flows.ts"],
  ["update --allow-deletions 5 flows.ts", "update --allow-deletions 5 flows.ts"],
  ["update --allow-deletions= flows.ts", "update --allow-deletions= flows.ts"],
  ["update flows.ts -- --allow-deletions", "update flows.ts -- --allow-deletions"],
])("%s", (given, meant) => {
  expect(spellOutOptions(given.split(" "))).toEqual(meant.split(" "));
});
