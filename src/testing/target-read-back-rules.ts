import type { KitRow } from "./row-schema.ts";
import { deletionOf, type TargetBackend } from "./target-backend.ts";
import type { TargetRules } from "./target-bench.ts";

/** What holds where a target can be read back. */
export const targetReadBackRules: TargetRules = {
  async "readBack yields what the backend holds"(bench) {
    const { samples } = bench;
    const contents = {
      "many rows": samples.rows(Math.min(bench.manyRows, 300)),
      "odd values": samples.oddValues(),
      "odd keys": samples.oddKeys(),
    };
    for (const [what, rows] of Object.entries(contents)) {
      await expectOwnRows(await (await bench.backend()).createWith(rows), rows, what);
    }
  },

  async "readBack of an empty backend yields nothing"(bench) {
    const rows = bench.samples.rows(3);
    await (await bench.backend()).createWith(rows);
    const backend = await (await bench.backend()).create();
    await expectOwnRows(backend, [], "nothing yet");
    await backend.write(rows);
    await backend.write(rows.map(deletionOf));
    await expectOwnRows(backend, [], "nothing any more");
  },
};

/** What others see of the backend, and what the target itself does. */
async function expectOwnRows(backend: TargetBackend, rows: readonly KitRow[], what: string): Promise<void> {
  await backend.expectRows(rows, `with ${what}`);
  backend.schema.expectSame(await backend.ownRows(), rows, `readBack of a backend with ${what}`);
}
