import { broken } from "./conformance-suite.ts";
import type { TargetRules } from "./target-bench.ts";

/** How backends come and go. */
export const targetSetupRules: TargetRules = {
  async "setup creates the backend"(bench) {
    const backend = await bench.backend();
    await backend.expectAbsent("before setup");
    await backend.create();
    await backend.expectRows([], "after setup");
    const rows = bench.samples.rows(2);
    await backend.write(rows);
    await backend.expectRows(rows, "after setup and a first write");
  },

  async "creating what is there changes nothing"(bench) {
    const backend = await bench.backend();
    const rows = bench.samples.rows(3);
    await backend.createWith(rows);
    await backend.create();
    await backend.expectRows(rows, "after a second creation");
  },

  async "bringing a backend to the state that it is in changes nothing"(bench) {
    const backend = await bench.backend();
    const rows = bench.samples.rows(3);
    await backend.createWith(rows);
    await backend.apply(backend.state, backend.state);
    await backend.expectRows(rows, "after a change from its state to the same one");
  },

  async "setup passes through every state that the backend may be in"(bench) {
    const backend = await bench.backend();
    const { state } = backend;
    const rows = bench.samples.rows(2);
    // What an interrupted creation leaves to the next setup, and then an interrupted removal.
    await backend.create();
    for (const previous of [null, state]) await backend.apply(previous, state);
    await backend.write(rows);
    await backend.expectRows(rows, "after an interrupted creation was completed");
    for (const previous of [state, state]) await backend.apply(previous, null);
    await backend.apply(null, state);
    await backend.expectRows([], "after an interrupted rebuild was completed");
  },

  async "removal takes the whole backend away"(bench) {
    const backend = await bench.backend();
    await backend.createWith([...bench.samples.rows(20), ...bench.samples.oddKeys()]);
    await backend.apply(backend.state, null);
    await backend.expectAbsent("after removal");
  },

  async "removal takes its own backend only"(bench) {
    const [going, staying] = [await bench.backend(), await bench.backend()];
    const rows = bench.samples.rows(5);
    await going.createWith(rows);
    await staying.createWith(rows);
    await going.apply(going.state, null);
    await staying.expectRows(rows, "after another backend of the kind was removed,");
  },

  async "removing what is absent is no error"(bench) {
    const backend = await bench.backend();
    await backend.apply(backend.state, null);
    await backend.expectAbsent("after the removal of what was never there");
    await backend.create();
    await backend.apply(backend.state, null);
    await backend.apply(backend.state, null);
    await backend.expectAbsent("after a second removal");
  },

  async "what is made anew begins empty"(bench) {
    const backend = await bench.backend();
    await backend.createWith([...bench.samples.rows(5), ...bench.samples.alikeKeys()]);
    await backend.apply(backend.state, null);
    await backend.create();
    await backend.expectRows([], "after it was removed and made anew,");
  },
};

/** What holds where something of others can stand beside a backend. */
export const targetForeignRules: TargetRules = {
  async "removal leaves what others put there"(bench) {
    const foreign = bench.options.foreign!;
    const backend = await bench.backend();
    await backend.createWith(bench.samples.rows(3));
    await foreign.put(backend.place);
    await backend.apply(backend.state, null);
    if (!(await foreign.isThere(backend.place))) broken("what others had put beside the rows went with them");
    const left = (await backend.outside()) ?? [];
    if (left.length > 0) broken(`after removal there are still ${left.length} rows`);
  },
};
