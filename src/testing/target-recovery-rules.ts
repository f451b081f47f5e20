import { canonicalJson } from "../kernel/canonical-json.ts";
import { broken } from "./conformance-suite.ts";
import { expectOk } from "./flow-outcome.ts";
import { isPlainJson } from "./plain-json.ts";
import { brief } from "./row-schema.ts";
import { copyOf, deletionOf } from "./target-backend.ts";
import type { TargetBench, TargetRules } from "./target-bench.ts";
import type { FlowExport } from "./target-flows.ts";

/** How a flow finds its way back to a backend whose records were lost. */
export const targetAdoptionRules: TargetRules = {
  async "a backend is taken over after a lost store"(bench) {
    const { source } = bench.flows;
    const backend = await bench.backend();
    await build(bench, { backend });
    await bench.flows.loseStore();
    source.write(1, bench.samples.edited(bench.samples.row(1)));
    const flow = bench.flows.define({ backend });
    await flow.setup({ adopt: true });
    await backend.expectRows(bench.samples.rows(6), "after it was adopted");
    expectOk(await flow.update(), "the update after an adoption");
    await backend.expectRows(source.rows(), "after an adoption and an update");
    await flow.drop();
    await backend.expectAbsent("after the drop of an adopted backend");
  },
};

/** What holds where a target can tell what state a backend is in. */
export const targetInspectRules: TargetRules = {
  async "inspect tells the state that the backend is in"(bench) {
    const backend = await bench.backend();
    const absent = await backend.inspect();
    if (absent !== null) broken(`inspect says ${brief(absent)} of a backend that is not there`);
    await backend.expectAbsent("after it was inspected");
    const rows = bench.samples.rows(3);
    await backend.createWith(rows);
    const state = await backend.inspect();
    if (!isPlainJson(state)) broken(`inspect returned ${brief(state)}, which is no plain JSON`);
    const verdict = state === null ? "absent" : backend.definition.compare(copyOf(state), backend.state);
    if (verdict !== "unchanged")
      broken(`inspect says ${canonicalJson(state)} of a backend in state ${canonicalJson(backend.state)}`);
    await backend.expectRows(rows, "after it was inspected");
    await backend.apply(backend.state, null);
    const gone = await backend.inspect();
    if (gone !== null) broken(`inspect says ${brief(gone)} of a backend that was removed`);
  },
};

/** What verification does, where a target can be read back. */
export const targetVerificationRules: TargetRules = {
  async "verification finds and repairs what others have changed"(bench) {
    const { samples, flows } = bench;
    const backend = await bench.backend();
    const flow = await build(bench, { backend });
    const sound = await flow.verify();
    if (!sound.ok) broken(`right after an update a verification found ${brief(sound.targets)}`);
    const leaseNumber = await flows.takeLeaseNumber();
    const spoiling = [deletionOf(samples.row(0)), samples.edited(samples.row(1)), samples.row(70)];
    await backend.write(spoiling, { leaseNumber });
    const spoilt = Object.values((await flow.verify()).targets)[0]!;
    const { missing, different, extra } = spoilt;
    if (missing !== 1 || different !== 1 || extra !== 1)
      broken(
        `one row each is missing, different and extra, and a verification counted ${missing}, ${different} and ${extra}`,
      );
    const mended = await flow.verify({ repair: true, allowDeletions: true });
    if (!mended.ok) broken(`after a repair a verification found ${brief(mended.targets)}`);
    await backend.expectRows(flows.source.rows(), "after a repair");
  },

  async "a row that left while the store was lost leaves the target"(bench) {
    const { flows } = bench;
    const backend = await bench.backend();
    await build(bench, { backend });
    await flows.loseStore();
    flows.source.remove(2);
    const flow = flows.define({ backend });
    await flow.setup({ adopt: true });
    const info = expectOk(await flow.update(), "the update after an adoption");
    const { upserted = 0, deleted = 0 } = Object.values(info.targets)[0] ?? {};
    if (upserted > 0) broken(`every row was as it should be, and ${upserted} were written again`);
    if (deleted !== 1) broken(`one row was to be deleted, and ${deleted} were`);
    await backend.expectRows(flows.source.rows(), "after an adoption and an update");
  },
};

async function build(bench: TargetBench, wanted: FlowExport) {
  bench.flows.source.writeAll(bench.samples.rows(6));
  const flow = bench.flows.define(wanted);
  await flow.setup();
  expectOk(await flow.update(), "the first build");
  return flow;
}
