import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Table } from "@lancedb/lancedb";
import { z } from "zod";
import { lancedb } from "../../src/connectors/lancedb/index.ts";
import { typeOfSchema, vector } from "../../src/values/index.ts";
import { describeMachine } from "../machine.ts";
import { type Column, count, megabytes, milliseconds, renderTable } from "../report.ts";

const rowCount = 20_000;
const updateCount = 100;
const changedRows = 200;
const rowsPerCall = 1_000;
const dimension = 384;
const names = { flow: "Bench", targetName: "Rows", defaultName: "Bench__Rows" };

/** When the table is compacted: by the connector as it sees fit, or beside it after every update. */
interface Policy {
  readonly name: string;
  readonly keepVersions: string | number;
  readonly afterEveryUpdate: boolean;
}

const policies: readonly Policy[] = [
  { name: "after every update, versions kept 1 h", keepVersions: "1h", afterEveryUpdate: true },
  { name: "when enough has gathered, versions kept 1 h", keepVersions: "1h", afterEveryUpdate: false },
  { name: "when enough has gathered, versions not kept", keepVersions: 0, afterEveryUpdate: false },
];

interface Result {
  readonly name: string;
  readonly rowsPerSecond: number;
  readonly updateMs: number;
  readonly versions: number;
  readonly fragments: number;
  readonly files: number;
  readonly bytes: number;
  readonly searchMs: number;
}

function fieldsOf(schema: z.ZodObject) {
  const type = typeOfSchema(schema, "rows");
  if (type.kind !== "struct") throw new Error("no struct");
  return type.fields;
}

function rowOf(n: number, edition: number) {
  const embedding = Float32Array.from({ length: dimension }, (_, i) => Math.sin(n * 31 + i * 7 + edition));
  return {
    key: { id: `row-${n}` },
    value: { text: `${edition} of ${n} `.padEnd(400, "words of it "), embedding },
  };
}

/** A target as the engine uses it: opened, written to in calls and closed by each update. */
async function openTarget(appDirectory: string, keepVersions: string | number) {
  const { definition, spec } = lancedb({ uri: "data", keepVersions });
  const valueFields = fieldsOf(z.object({ text: z.string(), embedding: vector(dimension) }));
  const schema = { keyFields: fieldsOf(z.object({ id: z.string() })), valueFields };
  const indexes = { vector: [], fts: [] };
  const context = { appDirectory, signal: new AbortController().signal, leaseNumber: 1 };
  const key = definition.getPersistentKey(spec, names.targetName, names);
  const current = definition.setupState({ spec, schema, indexes, attachments: [], ...names });
  await definition.applySetupChange({ key, previous: null, current }, context);
  return async (rows: readonly object[]) => {
    const target = await definition.prepare(spec, { ...context, schema, indexes, ...names });
    for (let at = 0; at < rows.length; at += rowsPerCall) {
      const mutations = rows.slice(at, at + rowsPerCall) as never;
      await definition.mutate([{ target, mutations }], context);
    }
    await definition.close(target);
  };
}

/** The mean time of a call, in milliseconds. */
async function timed(times: number, run: (n: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < times; n++) await run(n);
  return (performance.now() - began) / times;
}

/** One load that does not count: the first in a process loads LanceDB. */
async function warmUp(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-compaction-"));
  const update = await openTarget(directory, 0);
  await update(Array.from({ length: rowsPerCall }, (_, n) => rowOf(n, 0)));
  rmSync(directory, { recursive: true, force: true });
}

async function measure(policy: Policy): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-compaction-"));
  try {
    const update = await openTarget(directory, policy.keepVersions);
    const rows = Array.from({ length: rowCount }, (_, n) => rowOf(n, 0));
    const loadMs = await timed(1, () => update(rows));
    const database = await connect(join(directory, "data"), { readConsistencyInterval: 0 });
    const table = await database.openTable(names.defaultName);
    const updateMs = await timed(updateCount, async (n) => {
      const first = (n * changedRows) % rowCount;
      await update(Array.from({ length: changedRows }, (_, i) => rowOf(first + i, n + 1)));
      if (policy.afterEveryUpdate) await table.optimize();
    });
    const kept = await lookAt(table, directory);
    database.close();
    return { name: policy.name, rowsPerSecond: rowCount / (loadMs / 1_000), updateMs, ...kept };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function lookAt(table: Table, directory: string) {
  const asked = rowOf(7, 0).value.embedding;
  const search = () => table.vectorSearch(asked).distanceType("cosine").limit(10).toArray();
  await search();
  const searchMs = await timed(10, search);
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return {
    searchMs,
    versions: (await table.listVersions()).length,
    fragments: (await table.stats()).fragmentStats.numFragments,
    files: files.length,
    bytes: files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0),
  };
}

const columns: readonly Column<Result>[] = [
  { title: "compaction", cell: ({ name }) => name },
  { title: "first load, rows/s", cell: ({ rowsPerSecond }) => count(Math.round(rowsPerSecond)) },
  { title: "an update of 1 %", cell: ({ updateMs }) => milliseconds(updateMs) },
  { title: "versions", cell: ({ versions }) => count(versions) },
  { title: "fragments", cell: ({ fragments }) => count(fragments) },
  { title: "files", cell: ({ files }) => count(files) },
  { title: "size", cell: ({ bytes }) => megabytes(bytes) },
  { title: "search of all rows", cell: ({ searchMs }) => milliseconds(searchMs) },
];

const { cpu, cores, node, loadBefore } = describeMachine(tmpdir());
const head = `${cpu}, ${cores} cores, Node ${node}, load of the minute before ${loadBefore.toFixed(1)}\n`;
await warmUp();
const results: Result[] = [];
for (const policy of policies) results.push(await measure(policy));
process.stdout.write(`${head}\n${renderTable(columns, results)}\n`);
