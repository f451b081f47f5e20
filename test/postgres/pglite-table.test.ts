import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { z } from "zod";
import { postgresTable } from "../../src/connectors/postgres/index.ts";
import {
  configure,
  defineConnection,
  defineFlow,
  defineTarget,
  type EngineEvent,
  int64,
} from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { until } from "../worlds/until.ts";

test("a table of a PGlite of this process is listed, read and followed, and its trigger removed", async () => {
  const pglite = await PGlite.create();
  await pglite.exec("CREATE TABLE words (id bigint PRIMARY KEY, word text, at bigint NOT NULL)");
  await pglite.exec("INSERT INTO words SELECT n, 'word ' || n, n FROM generate_series(1, 700) AS n");
  const words = new Map<bigint, string>();
  const target = defineTarget({
    kind: "words",
    spec: z.object({}),
    key: z.object({ id: int64() }),
    value: z.object({ word: z.string() }),
    getPersistentKey: () => "words",
    applySetupChange() {},
    mutate(batches) {
      for (const { key, value } of batches.flatMap(({ mutations }) => mutations))
        value === null ? words.delete(key.id) : words.set(key.id, value.word);
    },
  });
  configure({ store: openMemoryStore() });
  const flow = defineFlow("Words", (builder) => {
    const out = builder.addCollector<{ id: bigint; word: string }>();
    const use = postgresTable({
      connection: defineConnection("words-in-process", pglite),
      table: "words",
      key: z.object({ id: int64() }),
      value: z.object({ word: z.string() }),
      ordinalColumn: "at",
      notify: true,
    });
    builder.addSource("words", use).forEachRow((row) => out.collect({ id: row.id, word: row.word }));
    out.export("Words", target({}), { primaryKeyFields: ["id"] });
  });
  const events: EngineEvent[] = [];
  const updater = flow.liveUpdate({ report: (event) => events.push(event) });
  try {
    await flow.setup();
    await updater.start();
    await until(() => words.size === 700 && events.some(({ kind }) => kind === "caught-up"));
    await pglite.exec("UPDATE words SET word = 'heard', at = 701 WHERE id = 7");
    await until(() => words.get(7n) === "heard");
    await updater.abort();
    await flow.drop();
    const left = await pglite.query("SELECT proname FROM pg_proc WHERE proname LIKE 'sluice%'");
    expect(left.rows).toEqual([]);
  } finally {
    await updater.abort();
    flow.close();
    configure({ store: undefined });
    await pglite.close();
  }
}, 120_000);
