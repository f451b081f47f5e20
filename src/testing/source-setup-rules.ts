import { canonicalJson } from "../kernel/canonical-json.ts";
import { broken } from "./conformance-suite.ts";
import { isPlainJson } from "./plain-json.ts";
import { brief } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";

/** How what a source needs beside its rows comes and goes. */
export const sourceSetupRules: SourceRules = {
  async "setup makes what the source needs"(bench) {
    await expectNeeds(bench, [], "before setup");
    const needs = await bench.needs();
    await needs.create();
    if ((await bench.outsideNeeds()).length === 0)
      broken("after setup there is nothing that was not there before");
  },

  async "making what is there changes nothing"(bench) {
    const needs = await bench.needs();
    await needs.create();
    const made = await bench.outsideNeeds();
    await needs.create();
    await expectNeeds(bench, made, "after it was made a second time");
    await needs.apply(needs.state, needs.state);
    await expectNeeds(bench, made, "after a change from its state to the same one");
  },

  async "removal takes all that the source needed, and no row"(bench) {
    const rows = bench.samples.rows(3);
    await bench.write(...rows);
    const needs = await bench.needs();
    await needs.create();
    await needs.remove();
    await expectNeeds(bench, [], "after removal");
    await bench.expectRows(await bench.openAsIs(), rows, "after what it needed was removed,");
  },

  async "removing what a source needs is no error where it is not"(bench) {
    const needs = await bench.needs();
    await needs.remove();
    await needs.create();
    for (const time of ["first", "second"]) {
      await needs.remove();
      await expectNeeds(bench, [], `after the ${time} removal`);
    }
  },

  async "removal leaves what another source needs"(bench) {
    const [going, staying] = [await bench.needs("going"), await bench.needs("staying")];
    await staying.create();
    const others = await bench.outsideNeeds();
    await going.create();
    await going.remove();
    await expectNeeds(bench, others, "after what another source needed was removed,");
  },

  async "what sources need is known by plain JSON, each by its own"(bench) {
    const [one, again, other] = [await bench.needs(), await bench.needs(), await bench.needs("other")];
    for (const said of [one.key, one.state]) if (!isPlainJson(said)) broken(`setup returned ${brief(said)}`);
    const [key, state] = [canonicalJson(one.key), canonicalJson(one.state)];
    if (key !== canonicalJson(again.key))
      broken(`the same spec and names gave ${brief(one.key)} and then ${brief(again.key)}`);
    if (state !== canonicalJson(again.state))
      broken(`the same spec and names gave ${brief(one.state)} and then ${brief(again.state)}`);
    if (key === canonicalJson(other.key))
      broken(`two sources of other names both have the key ${brief(one.key)}`);
  },

  async "a flow makes what its source needs, and its drop removes it"(bench) {
    const rows = bench.samples.rows(3);
    await bench.write(...rows);
    const flow = await bench.newFlow();
    await flow.expectUpdate("the first build", { inserted: 3 });
    if ((await bench.outsideNeeds()).length === 0)
      broken("a flow was set up, and nothing is there that was not");
    await flow.drop();
    await expectNeeds(bench, [], "after a flow was dropped");
  },
};

async function expectNeeds(bench: SourceBench, wanted: readonly string[], when: string): Promise<void> {
  const found = await bench.outsideNeeds();
  if (canonicalJson(found) === canonicalJson(wanted)) return;
  broken(`${when} there is ${brief(found)} for sources, where ${brief(wanted)} was due`);
}
