import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lance from "@lancedb/lancedb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineConnection } from "../../contracts/named-connection.ts";
import type { TargetIndexes, TargetUse } from "../../contracts/target.ts";
import { typeOfSchema, vector } from "../../values/index.ts";
import { lancedb } from "./index.ts";

const names = { flow: "Docs", targetName: "Chunks", defaultName: "Docs__Chunks" };
const rowSchema = z.object({ text: z.string(), embedding: vector(3) });
const byCosine: TargetIndexes = { vector: [{ field: "embedding", metric: "cosine" }], fts: [] };

let appDirectory: string;
beforeEach(() => {
  appDirectory = mkdtempSync(join(tmpdir(), "sluice-lancedb-"));
});
afterEach(() => rmSync(appDirectory, { recursive: true, force: true }));

function fieldsOf(schema: z.ZodObject) {
  const type = typeOfSchema(schema, "rows");
  if (type.kind !== "struct") throw new Error("no struct");
  return type.fields;
}

/** A target as setup and the engine use it. */
function harness(use: TargetUse<unknown, unknown>, indexes: TargetIndexes = { vector: [], fts: [] }) {
  const { definition, spec } = use;
  const schema = { keyFields: fieldsOf(z.object({ id: z.string() })), valueFields: fieldsOf(rowSchema) };
  const context = { appDirectory, signal: new AbortController().signal, leaseNumber: 1 };
  const key = definition.getPersistentKey(spec, "Chunks", names);
  const state = () => definition.setupState({ spec, schema, indexes, attachments: [], ...names });
  return {
    key,
    state,
    create: async () => definition.applySetupChange({ key, previous: null, current: state() }, context),
    drop: async () => definition.applySetupChange({ key, previous: state(), current: null }, context),
    open: async () => {
      const target = await definition.prepare(spec, { ...context, schema, indexes, ...names });
      return {
        write: async (rows: readonly object[]) =>
          definition.mutate([{ target, mutations: rows as never }], context),
        close: async () => definition.close(target),
      };
    },
  };
}

function rowOf(n: number) {
  const angle = n / 1000;
  const embedding = Float32Array.of(Math.cos(angle), Math.sin(angle), 0);
  return { key: { id: `row-${n}` }, value: { text: `number ${n}`, embedding } };
}

async function tableFromOutside<T>(look: (table: lance.Table) => Promise<T>, name = names.defaultName) {
  const connection = await lance.connect(join(appDirectory, "data"));
  const table = await connection.openTable(name);
  try {
    return await look(table);
  } finally {
    table.close();
    connection.close();
  }
}

describe("what LanceDB answers", () => {
  test("the nearest rows, by the metric that is asked for, with and without a vector index", async () => {
    const method = { kind: "hnsw", fromRows: 300 };
    const target = harness(lancedb({ uri: "data" }), {
      vector: [{ field: "embedding", metric: "cosine", method }],
      fts: [{ field: "text" }],
    });
    await target.create();
    for (const count of [200, 600]) {
      const opened = await target.open();
      await opened.write(Array.from({ length: count }, (_, n) => rowOf(n)));
      await opened.close();
      await tableFromOutside(async (table) => {
        const indexed = (await table.listIndices()).map(({ columns }) => columns[0]);
        expect(indexed.includes("embedding")).toBe(count > 300);
        const search = table.vectorSearch(rowOf(150).value.embedding).distanceType("cosine");
        const [nearest] = await search.limit(1).toArray();
        // An index rounds what it holds, and rows that lie side by side come out the same.
        const besides = Math.abs(Number(nearest.id.slice("row-".length)) - 150);
        expect(besides).toBeLessThanOrEqual(count > 300 ? 8 : 0);
        expect(nearest._distance).toBeCloseTo(0, 3);
        const [found] = await table.search("42", "fts", "text").limit(1).toArray();
        expect(found.text).toBe("number 42");
      });
    }
  });

  test("distances are those that the documentation tells", async () => {
    const target = harness(lancedb({ uri: "data" }));
    await target.create();
    const opened = await target.open();
    const embedding = Float32Array.of(3, 4, 0);
    await opened.write([{ key: { id: "far" }, value: { text: "", embedding } }]);
    await opened.close();
    const distance = async (type: "cosine" | "l2" | "dot") =>
      tableFromOutside(async (table) => {
        const [found] = await table.vectorSearch([1, 0, 0]).distanceType(type).limit(1).toArray();
        return found._distance;
      });
    expect(await distance("cosine")).toBeCloseTo(1 - 3 / 5, 5);
    expect(await distance("l2")).toBeCloseTo(2 ** 2 + 4 ** 2, 5);
    expect(await distance("dot")).toBeCloseTo(1 - 3, 5);
  });

  test("a table of any number of updates has few fragments", async () => {
    const target = harness(lancedb({ uri: "data", keepVersions: 0 }));
    await target.create();
    const opened = await target.open();
    for (let n = 0; n < 70; n++) await opened.write([rowOf(n), { key: { id: `row-${n - 2}` }, value: null }]);
    await opened.close();
    await tableFromOutside(async (table) => {
      expect(await table.countRows()).toBe(2);
      expect((await table.listVersions()).length).toBeLessThan(40);
      expect((await table.stats()).fragmentStats.numFragments).toBeLessThan(33);
    });
  });
});

describe("what is not ours stays", () => {
  test("a table of that name is neither altered nor dropped", async () => {
    const connection = await lance.connect(join(appDirectory, "data"));
    await connection.createTable(names.defaultName, [{ id: "theirs" }]);
    connection.close();
    const target = harness(lancedb({ uri: "data" }));
    await expect(target.create()).rejects.toMatchObject({ code: "setup-conflict" });
    await expect(target.drop()).rejects.toMatchObject({ code: "setup-conflict" });
    expect(await tableFromOutside((table) => table.countRows())).toBe(1);
  });

  test("the directory goes with its last table where it was made for it, and only then", async () => {
    const target = harness(lancedb({ uri: "data" }));
    await target.create();
    await target.drop();
    expect(existsSync(join(appDirectory, "data"))).toBe(false);
    mkdirSync(join(appDirectory, "data"));
    await target.create();
    await target.drop();
    expect(existsSync(join(appDirectory, "data"))).toBe(true);
  });
});

describe("a database that is not as it should be", () => {
  test("a table that was dropped by others is said, and its rows can wait", async () => {
    const target = harness(lancedb({ uri: "data" }));
    await target.create();
    const opened = await target.open();
    await opened.write([rowOf(1)]);
    const connection = await lance.connect(join(appDirectory, "data"));
    await connection.dropTable(names.defaultName);
    connection.close();
    await expect(opened.write([rowOf(2)])).rejects.toMatchObject({ code: "target-unavailable" });
    await opened.close().catch(() => {});
    const again = await target.open();
    await expect(again.write([rowOf(2)])).rejects.toThrow(/is not there/);
  });

  test("a column that others have dropped is named", async () => {
    const target = harness(lancedb({ uri: "data" }));
    await target.create();
    await tableFromOutside((table) => table.dropColumns(["text"]));
    const opened = await target.open();
    await expect(opened.write([rowOf(1)])).rejects.toMatchObject({
      code: "target-unavailable",
      message: expect.stringMatching(/has no column text/),
    });
  });

  test("a directory that cannot be made is a setup that failed, and says where", async () => {
    writeFileSync(join(appDirectory, "data"), "a file");
    const target = harness(lancedb({ uri: "data" }));
    await expect(target.create()).rejects.toThrow(/LanceDB table Docs__Chunks in data was not set up/);
  });

  test("a process that is killed while it writes leaves a table that can be written again", async () => {
    const target = harness(lancedb({ uri: "data" }));
    await target.create();
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import * as lance from "@lancedb/lancedb";
       const connection = await lance.connect(process.argv[1]);
       const table = await connection.openTable(process.argv[2]);
       for (let round = 0; ; round++) {
         const rows = Array.from({ length: 500 }, (_, n) => ({ id: "row-" + n, text: "round " + round, embedding: [1, 0, 0] }));
         await table.mergeInsert(["id"]).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows);
         console.log(round);
       }`,
      join(appDirectory, "data"),
      names.defaultName,
    ]);
    await heard(child, 4);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const opened = await target.open();
    await opened.write(Array.from({ length: 500 }, (_, n) => rowOf(n)));
    await opened.close();
    const texts = await tableFromOutside((table) => table.query().select(["text"]).toArray());
    expect(texts.map(({ text }) => text).sort()).toEqual(
      Array.from({ length: 500 }, (_, n) => rowOf(n).value.text).sort(),
    );
  });
});

/** Resolves when a process has said that many lines. */
function heard(child: ChildProcess, lines: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = 0;
    child.stderr!.on("data", () => {});
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
    child.stdout!.on("data", (chunk: Buffer) => {
      said += chunk.toString().split("\n").length - 1;
      if (said >= lines) resolve();
    });
  });
}

describe("what is refused when the flow is defined", () => {
  const stateWith = (indexes: Partial<TargetIndexes>) => () =>
    harness(lancedb({ uri: "data" }), { vector: [], fts: [], ...indexes }).state();

  test("indexes that a column cannot have, each with what to do", () => {
    expect(stateWith({ vector: [{ field: "text", metric: "l2" }] })).toThrow(/no vectors of fixed dimension/);
    expect(stateWith({ fts: [{ field: "embedding" }] })).toThrow(/over no text/);
    const method = { kind: "hnsw", lists: 3 };
    expect(stateWith({ vector: [{ field: "embedding", metric: "l2", method }] })).toThrow(/lists/);
    expect(stateWith(byCosine)).not.toThrow();
  });

  test("addresses with credentials; those of a named connection are not in the key", () => {
    expect(() => lancedb({ uri: "s3://key:hush@bucket/path" })).toThrow(/defineConnection/);
    const named = defineConnection("lake", {
      uri: "s3://bucket/path",
      storageOptions: { aws_secret_access_key: "hush" },
    });
    expect(JSON.stringify(harness(lancedb({ uri: named })).key)).toBe(
      '{"database":{"connection":"lake"},"table":"Docs__Chunks"}',
    );
  });

  test("two ways to write one directory are one place", () => {
    const keys = ["data", "./data/", "x/../data"].map((uri) => harness(lancedb({ uri })).key);
    expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(1);
  });
});
