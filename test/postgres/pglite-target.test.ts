import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { postgres } from "../../src/connectors/postgres/index.ts";
import { openPglite, pglite } from "../../src/connectors/postgres/pglite.ts";
import { defineConnection, defineFlow, defineFunction, vector } from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let appDirectory: string;
beforeEach(() => {
  appDirectory = mkdtempSync(join(tmpdir(), "sluice-pglite-"));
});
afterEach(() => rmSync(appDirectory, { recursive: true, force: true }));

const timeoutMs = 120_000;

const embed = defineFunction({
  name: "embed",
  version: 1,
  input: { text: z.string() },
  output: vector(2),
  run: ({ text }) => [text.length, 1],
});

function defineVectors(target: ReturnType<typeof pglite>) {
  return world.keep(
    defineFlow("Vectors", (flow) => {
      const out = flow.addCollector<{ id: string; embedding: Float32Array }>();
      flow.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
        out.collect({ id: page.id, embedding: page.text.transform(embed) });
      });
      out.export("Pages", target, { primaryKeyFields: ["id"] });
    }),
  );
}

test(
  "a flow fills a table that a query in the same process asks",
  async () => {
    world.write(2);
    const directory = join(appDirectory, "db");
    const flow = defineVectors(pglite({ directory }));
    const { client, close } = await openPglite({ directory });
    await flow.setup();
    expect((await flow.update()).failures).toEqual([]);
    const { rows } = await client.query(
      'SELECT id, 1 - (embedding <=> $1) AS score FROM "Vectors__Pages" ORDER BY embedding <=> $1, id LIMIT 1',
      ["[6,1]"],
    );
    expect(rows).toEqual([{ id: "p0000", score: 1 }]);
    await flow.drop();
    await close();
  },
  timeoutMs,
);

test(
  "a PGlite of the user's without the extension vector is told which one it needs",
  async () => {
    const client = await PGlite.create();
    try {
      const flow = defineVectors(postgres({ connection: defineConnection("without-vector", client) }));
      await expect(flow.setup()).rejects.toMatchObject({
        code: "setup-failed",
        hint: expect.stringContaining("a PGlite of yours needs it among its extensions"),
      });
    } finally {
      await client.close();
    }
  },
  timeoutMs,
);
