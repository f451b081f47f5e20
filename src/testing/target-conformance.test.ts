import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Faults, Warehouse, warehouseKey, warehouseValue } from "../../test/worlds/warehouse.ts";
import { wrongInFlows } from "../../test/worlds/wrong-in-flows.ts";
import { wrongSetups } from "../../test/worlds/wrong-setups.ts";
import { wrongWrites } from "../../test/worlds/wrong-writes.ts";
import { targetConformance } from "./target-conformance.ts";

const changes = [
  { name: "other music", verdict: "unchanged", spec: { music: "jazz" } },
  { name: "other paint", verdict: "compatible", spec: { paint: "red" } },
  { name: "another field", verdict: "lossy", value: warehouseValue.extend({ shelf: z.string() }) },
  { name: "another floor", verdict: "destructive", spec: { floor: "stone" } },
] as const;

function suiteFor(faults?: Faults) {
  const warehouse = new Warehouse();
  const target = warehouse.target(faults);
  return targetConformance({
    target: ({ name }) => target({ hall: name }),
    key: warehouseKey,
    value: warehouseValue,
    rows: [{ key: { id: "a", part: "b" }, value: { text: "c", note: null, count: 5n, tags: ["d"] } }],
    readBack: ({ name }) => warehouse.rows(name) as never,
    capabilities: { atomic: true, fenced: true, readBack: true },
    refused: { key: { id: "x", part: "y" }, value: { text: "forbidden", note: null, count: 0n, tags: null } },
    foreign: {
      put: ({ name }) => void warehouse.strangers.add(name),
      isThere: ({ name }) => warehouse.strangers.has(name),
    },
    changes: changes.map((change) => ({
      ...change,
      target: ({ name }) => target({ hall: name, ...("spec" in change ? change.spec : {}) }),
    })),
    callTimeoutMs: 10_000,
    manyRows: 500,
  });
}

describe("a target that keeps the contract passes", () => {
  for (const { name, run } of suiteFor()) test(name, run);

  test("and no rule is left out", () => expect(suiteFor().leftOut).toEqual([]));
});

const wrong = [...wrongSetups, ...wrongWrites, ...wrongInFlows];

describe("a target that breaks a rule fails the case of that name", () => {
  test.each(wrong)("$rule", async ({ rule, seen, faults }) => {
    const found = suiteFor(faults).find(({ name }) => name === rule);
    expect(found, `the suite has no case of the name ${rule}`).toBeDefined();
    const error = await found!.run().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toContain(`the rule "${rule}" is broken: `);
    expect(message).toMatch(seen);
  });

  test("and there is one for every rule", () => {
    const flowRule = (name: string) => name.replace(/^(a flow goes on after a change): .*/, "$1");
    const rules = (all: readonly string[]) => [...new Set(all.map(flowRule))].sort();
    expect(rules(wrong.map(({ rule }) => rule))).toEqual(rules(suiteFor().map(({ name }) => name)));
  });
});
