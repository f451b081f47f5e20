import { broken } from "./conformance-suite.ts";
import { deletionOf, type OpenTarget, type TargetBackend, type Write } from "./target-backend.ts";
import type { TargetRules } from "./target-bench.ts";

/** What holds where a target declares that it refuses the writes of a writer that was superseded. */
export const targetFenceRules: TargetRules = {
  async "a smaller lease number is refused"(bench) {
    const [first, second, third] = bench.samples.rows(3);
    const backend = await (await bench.backend()).create();
    const opened = await backend.open({ leaseNumber: 7 });
    await backend.mutate([opened.batch([first!])], { leaseNumber: 7 });
    await expectFenced(backend, opened, [second!, deletionOf(first!)], 6);
    await backend.expectRows([first!], "after a call with lease number 6, which came after 7,");
    for (const leaseNumber of [7, 12]) await backend.mutate([opened.batch([second!])], { leaseNumber });
    await expectFenced(backend, opened, [third!], 11);
    await opened.close();
    await backend.expectRows([first!, second!], "after calls with the lease numbers 7, 6, 7, 12, 11");
  },

  async "the greatest lease number outlives close"(bench) {
    const [first, second] = bench.samples.rows(2);
    const backend = await (await bench.backend()).create();
    await backend.write([first!], { leaseNumber: 7 });
    const opened = await backend.open({ leaseNumber: 6 }).catch(() => null);
    if (opened) await expectFenced(backend, opened, [second!], 6);
    await opened?.close();
    await backend.expectRows([first!], "after a writer with lease number 6 that came after 7");
  },
};

async function expectFenced(
  backend: TargetBackend,
  opened: OpenTarget,
  writes: readonly Write[],
  leaseNumber: number,
): Promise<void> {
  const error = await backend.outcomeOf([opened.batch(writes)], { leaseNumber });
  if (error === null) broken(`a call with lease number ${leaseNumber} was taken after one with a greater`);
}
