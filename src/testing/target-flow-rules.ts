import type { UpdateInfo } from "../contracts/events.ts";
import type { TargetDefinition } from "../contracts/target.ts";
import { seededRandom } from "../kernel/random.ts";
import { broken } from "./conformance-suite.ts";
import { expectOk } from "./flow-outcome.ts";
import type { KitFlow } from "./kit-flow.ts";
import { exportName, type TargetBackend } from "./target-backend.ts";
import type { TargetBench, TargetRules } from "./target-bench.ts";

/** What the outside system holds after each step of a flow. */
export const targetFlowRules: TargetRules = {
  async "a first build writes every row"(bench) {
    const { backend } = await built(bench, 12);
    await backend.expectRows(bench.flows.source.rows(), "after a first build");
  },

  async "an update without changes writes nothing"(bench) {
    const { backend, flow } = await built(bench, 12);
    expectWritten(await update(flow, "an update without changes"), { upserted: 0, deleted: 0 });
    await backend.expectRows(bench.flows.source.rows(), "after an update without changes");
  },

  async "an edit is written"(bench) {
    const { backend, flow } = await built(bench, 6);
    const { source } = bench.flows;
    source.write(2, bench.samples.edited(bench.samples.row(2)));
    source.write(3, bench.samples.emptied(bench.samples.row(3)));
    source.write(6, bench.samples.row(6));
    await update(flow, "an update after two edits and an insertion");
    await backend.expectRows(source.rows(), "after two edits and an insertion");
    source.write(4, { key: bench.samples.row(40).key, value: bench.samples.row(4).value });
    await update(flow, "an update after a change of key");
    await backend.expectRows(source.rows(), "after a row got another key");
  },

  async "a row that leaves its source leaves the target"(bench) {
    const { backend, flow } = await built(bench, 6);
    const { source } = bench.flows;
    for (const number of [1, 4]) source.remove(number);
    await update(flow, "an update after two removals");
    await backend.expectRows(source.rows(), "after two rows left the source");
  },

  async "a write that landed and was reported as failed is written again"(bench) {
    let fails = false;
    const { backend, flow } = await built(bench, 4, (definition) => ({
      ...definition,
      mutate: async (batches, context) => {
        await definition.mutate(batches, context);
        if (fails) throw new Error("the kit reports a failure of what has landed");
      },
    }));
    const { source } = bench.flows;
    const before = bench.samples.row(1);
    fails = true;
    source.write(1, bench.samples.edited(before));
    source.remove(2);
    const failed = await flow.update();
    if (failed.ok) broken("an update whose writes were reported as failed says that it is whole");
    fails = false;
    source.write(1, before);
    await update(flow, "the update after writes that were reported as failed");
    await backend.expectRows(source.rows(), "after the source took back an edit that was reported as failed");
  },

  async "a re-export writes every row again"(bench) {
    const { backend, flow } = await built(bench, 5);
    const info = expectOk(await flow.update({ reexportTargets: true }), "a re-export");
    expectWritten(info, { upserted: 5, deleted: 0 });
    await backend.expectRows(bench.flows.source.rows(), "after a re-export");
  },

  async "a drop removes everything, and the flow can be set up again"(bench) {
    const { backend, flow } = await built(bench, 5);
    await flow.drop();
    await backend.expectAbsent("after a drop");
    await flow.setup();
    await backend.expectRows([], "after a drop and a new setup");
    await update(flow, "the update after a drop and a new setup");
    await backend.expectRows(bench.flows.source.rows(), "after a drop, a new setup and an update");
  },

  async "an interrupted setup is completed by the next"(bench) {
    const backend = await bench.backend();
    const { source } = bench.flows;
    source.writeAll(bench.samples.rows(3));
    let fails = true;
    const wrap = (definition: TargetDefinition): TargetDefinition => ({
      ...definition,
      applySetupChange: async (change, context) => {
        await definition.applySetupChange(change, context);
        if (fails) throw new Error("the kit reports a failure of what was done");
      },
    });
    const flow = bench.flows.define({ backend, wrap });
    const failed = await flow.setup().then(
      () => false,
      () => true,
    );
    if (!failed) broken("a setup whose change was reported as failed did not fail");
    fails = false;
    await flow.setup();
    await backend.expectRows([], "after an interrupted setup and another");
    await update(flow, "the update after an interrupted setup");
    await backend.expectRows(source.rows(), "after an interrupted setup, another and an update");
  },

  async "another backend takes the place of the first"(bench) {
    const { backend } = await built(bench, 5);
    const other = await bench.backend();
    const flow = bench.flows.define({ backend: other });
    await flow.setup();
    await update(flow, "the update after a change of backend");
    await other.expectRows(bench.flows.source.rows(), "after the flow moved to it,");
    await backend.expectAbsent("after the flow moved to another,");
  },

  async "two exports of one collector are both whole"(bench) {
    const [one, two] = [await bench.backend(), await bench.backend()];
    const { source } = bench.flows;
    source.writeAll(bench.samples.rows(5));
    const flow = bench.flows.define({ backend: one, name: "One" }, { backend: two, name: "Two" });
    await flow.setup();
    await update(flow, "the first build of two exports");
    source.write(1, bench.samples.edited(bench.samples.row(1)));
    source.remove(3);
    await update(flow, "an update of two exports");
    for (const backend of [one, two]) await backend.expectRows(source.rows(), "as one of two exports");
  },

  async "a backend that its user sets up is neither made nor removed"(bench) {
    const backend = await bench.backend();
    const { source } = bench.flows;
    source.writeAll(bench.samples.rows(3));
    const flow = bench.flows.define({ backend, setupByUser: true });
    await flow.setup();
    await (await backend.open()).close();
    await backend.expectAbsent("after setup and prepare of an export with setupByUser");
    await backend.create();
    await update(flow, "an update of a backend that its user has set up");
    await backend.expectRows(source.rows(), "after an update of a backend that its user has set up");
    await flow.drop();
    await backend.expectRows(source.rows(), "after the drop of a flow to whom it does not belong");
  },

  async "a random history ends as a rebuild would"(bench) {
    for (let seed = bench.seed; seed < bench.seed + 3; seed++) await runHistory(bench, seed);
  },
};

/** What holds through a flow where the user has given a row that the backend refuses. */
export const targetFlowRefusalRules: TargetRules = {
  async "one refused row is one failed row"(bench) {
    const { backend, flow } = await built(bench, 6);
    const { source } = bench.flows;
    const refused = bench.samples.schema.row(bench.options.refused!);
    source.write(2, bench.samples.edited(bench.samples.row(2)));
    source.write(9, refused);
    source.write(10, bench.samples.row(10));
    const { failures } = await flow.update();
    if (failures.length !== 1 || !/\b9\b/.test(failures[0]!.row))
      broken(
        `one row of three was to fail, and these did: ${failures.map(({ row }) => row).join(", ") || "none"}`,
      );
    const landed = source.rows().filter((row) => row !== refused);
    await backend.expectRows(landed, "after an update with a refused row");
  },
};

interface Built {
  readonly backend: TargetBackend;
  readonly flow: KitFlow;
}

/** A flow that was set up and has written so many rows. */
async function built(
  bench: TargetBench,
  count: number,
  wrap?: (definition: TargetDefinition) => TargetDefinition,
): Promise<Built> {
  const backend = await bench.backend();
  bench.flows.source.writeAll(bench.samples.rows(count));
  const flow = bench.flows.define({ backend, ...(wrap ? { wrap } : {}) });
  await flow.setup();
  await update(flow, "the first build");
  return { backend, flow };
}

async function update(flow: KitFlow, what: string): Promise<UpdateInfo> {
  return expectOk(await flow.update(), what);
}

function expectWritten({ targets }: UpdateInfo, expected: { upserted: number; deleted: number }): void {
  const { upserted = 0, deleted = 0 } = targets[exportName] ?? {};
  if (upserted === expected.upserted && deleted === expected.deleted) return;
  broken(
    `${upserted} rows were written and ${deleted} deleted, where ${expected.upserted} and ${expected.deleted} were due`,
  );
}

const historySteps = 12;

/** Edits, and failures of writes before or after they land; then an update without failures. */
async function runHistory(bench: TargetBench, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random.next() * limit);
  let failing: "before" | "after" | null = null;
  const wrap = (definition: TargetDefinition): TargetDefinition => ({
    ...definition,
    mutate: async (batches, context) => {
      if (failing === "before") throw new Error("the kit fails a call before it lands");
      await definition.mutate(batches, context);
      if (failing === "after") throw new Error("the kit fails a call after it landed");
    },
  });
  const { backend, flow } = await built(bench, 8, wrap);
  const { source } = bench.flows;
  for (let step = 0; step < historySteps; step++) {
    for (let edits = 1 + below(4); edits > 0; edits--) {
      const number = below(14);
      if (random.next() < 0.3 && source.numbers.length > 5) source.remove(number);
      else source.write(number, bench.samples.edited(bench.samples.row(number), 1 + below(3)));
    }
    failing = random.next() < 0.4 ? (random.next() < 0.5 ? "before" : "after") : null;
    const info = await flow.update();
    if (failing !== null) continue;
    const when = `in the history of seed ${seed}, after step ${step},`;
    expectOk(info, `an update ${when}`);
    await backend.expectRows(source.rows(), when);
  }
}
