import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { sqlTableOptions } from "../../../test/worlds/sql-table.ts";
import { targetConformance } from "../../testing/target-conformance.ts";
import { type OpenPglite, openPglite, pglite, sqlAttachment } from "./pglite.ts";

describe("a table of PGlite keeps the contract of targets", () => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-pglite-"));
  let held: OpenPglite;
  beforeAll(async () => {
    // Opening takes seconds: it stays open for all.
    held = await openPglite({ directory });
  }, 120_000);
  afterAll(async () => {
    await held?.close();
    rmSync(directory, { recursive: true, force: true });
    rmSync(`${directory}.lock`, { force: true });
  });

  const suite = targetConformance({
    ...sqlTableOptions(
      ({ name }, spec) => pglite({ directory, table: name, ...spec }),
      // One process has it: no other client can look, so the shared one does, with SQL that the target has no part in.
      () => async (text, values) => (await held.client.query(text, values)).rows as Record<string, unknown>[],
      [
        sqlAttachment({
          name: "a function",
          setup: "CREATE OR REPLACE FUNCTION sluice_one() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT 1",
          teardown: "DROP FUNCTION IF EXISTS sluice_one()",
        }),
      ],
    ),
    manyRows: 400,
  });
  for (const { name, run } of suite) test(name, run);
});
