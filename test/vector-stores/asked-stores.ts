import { join } from "node:path";
import { connect } from "@lancedb/lancedb";
import { QdrantClient } from "@qdrant/js-client-rest";
import pg from "pg";
import { lancedb } from "../../src/connectors/lancedb/index.ts";
import { postgres } from "../../src/connectors/postgres/index.ts";
import { openPglite, pglite } from "../../src/connectors/postgres/pglite.ts";
import { qdrant } from "../../src/connectors/qdrant/index.ts";
import { env, type TargetUse } from "../../src/index.ts";
import { canStartPostgres, startPostgres } from "../servers/postgres-server.ts";
import { QdrantDouble } from "../servers/qdrant-double.ts";

/** A chunk that a search found, by what the store itself answered. */
export interface Found {
  readonly id: string;
  readonly filename: string;
  readonly text: string;
  /** The cosine similarity. */
  readonly score: number;
}

/** A store that the flow fills, and that is asked with its own client, as a user would. */
export interface AskedStore {
  /** What stands in the flow: the one line in which the stores differ. */
  readonly target: TargetUse<unknown, unknown>;
  /** The nearest chunks, the nearest first. */
  nearest(vector: Float32Array, limit: number): Promise<Found[]>;
  /** Ids of the chunks that a full-text search finds. */
  withWords(words: string): Promise<string[]>;
  /** Whether the table or collection is there. */
  exists(): Promise<boolean>;
  close(): Promise<void>;
}

/** A kind of store, and what is known of its full-text search. */
export interface StoreKind {
  readonly name: string;
  /** Whether a search for one form of a word finds the others. */
  readonly stems: boolean;
  /** Whether a chunk that is found has every word of the question, or any. */
  readonly matches: "every word" | "any word";
  /** Whether what it needs is installed. */
  readonly canRun: boolean;
  /** Everything that it keeps in files is below `directory`. */
  open(directory: string): Promise<AskedStore>;
}

/** What the targets make of the flow `Library` and its export `Chunks`. */
const table = "Library__Chunks";

/** So few rows would not be worth an index to the planner. */
const indexAlways = "SET enable_seqscan = off";

interface SqlClient {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

function askBySql(client: SqlClient): Pick<AskedStore, "nearest" | "withWords" | "exists"> {
  return {
    async nearest(vector, limit) {
      const nearest = `SELECT id::text, filename, "text", 1 - (embedding <=> $1) AS score
        FROM "${table}" ORDER BY embedding <=> $1 LIMIT $2`;
      const values = [JSON.stringify([...vector]), limit];
      const { rows: plan } = await client.query(`EXPLAIN ${nearest}`, values);
      if (!JSON.stringify(plan).includes("Index Scan")) throw new Error("the vector index does not answer");
      return (await client.query(nearest, values)).rows as Found[];
    },
    async withWords(words) {
      const found = `SELECT id::text FROM "${table}"
        WHERE to_tsvector('english', "text") @@ websearch_to_tsquery('english', $1)`;
      return ((await client.query(found, [words])).rows as Found[]).map(({ id }) => id);
    },
    async exists() {
      const { rows } = await client.query("SELECT to_regclass($1) IS NOT NULL AS there", [`"${table}"`]);
      return (rows as { there: boolean }[])[0]!.there;
    },
  };
}

async function openPostgres(): Promise<AskedStore> {
  const server = await startPostgres();
  const pool = new pg.Pool({
    connectionString: server.url(),
    max: 2,
    onConnect: async (client) => void (await client.query(indexAlways)),
  });
  pool.on("error", () => {});
  return {
    target: postgres({ connection: server.url() }),
    ...askBySql(pool),
    async close() {
      await pool.end();
      server.remove();
    },
  };
}

async function openPgliteStore(directory: string): Promise<AskedStore> {
  const path = join(directory, "pglite");
  const { client, close } = await openPglite({ directory: path });
  await client.query(indexAlways);
  return { target: pglite({ directory: path }), ...askBySql(client as SqlClient), close };
}

async function openLance(directory: string): Promise<AskedStore> {
  const uri = join(directory, "lancedb");
  const database = await connect(uri, { readConsistencyInterval: 0 });
  return {
    target: lancedb({ uri }),
    async nearest(vector, limit) {
      const opened = await database.openTable(table);
      const rows = await opened.vectorSearch(vector).distanceType("cosine").limit(limit).toArray();
      return rows.map(({ id, filename, text, _distance }) => ({ id, filename, text, score: 1 - _distance }));
    },
    async withWords(words) {
      const opened = await database.openTable(table);
      const rows = await opened.search(words, "fts", "text").limit(1_000).toArray();
      return rows.map(({ id }) => id);
    },
    exists: async () => (await database.tableNames()).includes(table),
    close: async () => database.close(),
  };
}

async function openQdrant(): Promise<AskedStore> {
  const double = process.env.QDRANT_URL === undefined ? await QdrantDouble.start() : null;
  const url = double?.url ?? process.env.QDRANT_URL!;
  const apiKey = double === null ? process.env.QDRANT_API_KEY : undefined;
  const client = new QdrantClient({ url, checkCompatibility: false, ...(apiKey && { apiKey }) });
  const foundOf = (point: object): Found => {
    const { id, payload, score } = point as { id: string; payload: Found; score: number };
    return { id, filename: payload.filename, text: payload.text, score };
  };
  return {
    target: qdrant({ url, ...(apiKey && { apiKey: env("QDRANT_API_KEY") }) }),
    async nearest(vector, limit) {
      const asked = { query: [...vector], using: "embedding", limit, with_payload: true };
      return (await client.query(table, asked)).points.map(foundOf);
    },
    async withWords(words) {
      const filter = { must: [{ key: "text", match: { text: words } }] };
      // Words are a filter in Qdrant: every point that passes it, in any order.
      const query = new Array<number>(dimension).fill(1);
      const asked = { query, using: "embedding", limit: 1_000, with_payload: true, filter };
      return (await client.query(table, asked)).points.map((point) => foundOf(point).id);
    },
    exists: async () => (await client.collectionExists(table)).exists,
    close: async () => double?.stop(),
  };
}

/** How long the vectors of the flow are. */
export const dimension = 256;

/** The vector stores that Sluice brings. */
export const storeKinds: readonly StoreKind[] = [
  {
    name: "Postgres",
    stems: true,
    matches: "every word",
    canRun: canStartPostgres(),
    open: openPostgres,
  },
  { name: "PGlite", stems: true, matches: "every word", canRun: true, open: openPgliteStore },
  { name: "LanceDB", stems: true, matches: "any word", canRun: true, open: openLance },
  { name: "Qdrant", stems: false, matches: "every word", canRun: true, open: openQdrant },
];
