import { z } from "zod";
import type { ConformancePlace } from "../../src/testing/index.ts";
import type { TargetConformanceOptions } from "../../src/testing/target-conformance-options.ts";
import {
  bytes,
  date,
  duration,
  float32,
  int64,
  json,
  localDateTime,
  offsetDateTime,
  range,
  time,
  uuid,
  vector,
} from "../../src/values/index.ts";

/** Runs a statement with another client than the target's. */
export type AskSql = (text: string, values: string[]) => Promise<Record<string, unknown>[]>;

const plainText = z.string().refine((text) => !text.includes("\0"), "Postgres holds no U+0000");
/** Of a key: an entry of a B-tree has at most 2,704 bytes. */
const keyText = plainText.refine((text) => Buffer.byteLength(text) <= 2_000);
const coarse = (text: string) => !/\.\d{7}/.test(text);
const inUtc = (text: string) => coarse(text) && text.endsWith("Z");

/** How a value of each kind is kept, and how a client of its own reads it: an expression of SQL, and what its text means. */
const columns = {
  text: [plainText, (name: string) => name, (text: string) => text],
  boolean: [
    z.boolean(),
    (name: string) => `CASE WHEN ${name} THEN 'yes' ELSE 'no' END`,
    (text: string) => text === "yes",
  ],
  int: [z.int(), asText, Number],
  int64: [int64(), asText, BigInt],
  float32: [float32(), asText, Number],
  float64: [z.number(), asText, Number],
  bytes: [
    bytes(),
    (name: string) => `encode(${name}, 'hex')`,
    (text: string) => new Uint8Array(Buffer.from(text, "hex")),
  ],
  uuid: [uuid(), asText, (text: string) => text],
  date: [date(), (name: string) => `to_char(${name}, 'YYYY-MM-DD AD')`, fromEra],
  time: [time().refine(coarse), asText, (text: string) => text],
  localDateTime: [localDateTime().refine(coarse), instant, fromEra],
  offsetDateTime: [
    offsetDateTime().refine(inUtc),
    (name: string) => instant(`(${name} AT TIME ZONE 'UTC')`),
    (text: string) => `${fromEra(text)}Z`,
  ],
  duration: [
    duration().refine(coarse),
    (name: string) => `extract(epoch FROM ${name})::text`,
    (text: string) => (text.startsWith("-") ? `-PT${text.slice(1)}S` : `PT${text}S`),
  ],
  range: [range(), (name: string) => `to_json(${name})::text`, JSON.parse],
  json: [json(), asText, JSON.parse],
  vector: [vector(4), (name: string) => `to_json(${name}::real[])::text`, JSON.parse],
  anyVector: [vector(undefined, { element: "float64" }), asText, JSON.parse],
  list: [z.array(plainText.nullable()), asText, JSON.parse],
  tuple: [z.tuple([plainText, z.int()]), asText, JSON.parse],
  struct: [
    z.object({ text: plainText, inner: z.object({ number: z.int().nullable() }) }),
    asText,
    JSON.parse,
  ],
  table: [z.array(z.object({ name: plainText, size: z.int() })), asText, JSON.parse],
  union: [z.union([plainText, z.int(), z.object({ a: z.boolean() })]), asText, JSON.parse],
  choice: [z.enum(["one", "other"]).nullable(), asText, (text: string) => text],
  optional: [plainText.optional(), asText, (text: string) => text],
  /** Only in a table to which a column was added. */
  note: [plainText, asText, (text: string) => text],
} as const satisfies Readonly<
  Record<string, readonly [z.ZodType, (name: string) => string, (text: string) => unknown]>
>;

type Columns = typeof columns;
type Shape = { [Name in keyof Columns]: Columns[Name][0] };

const shape = Object.fromEntries(Object.entries(columns).map(([name, [schema]]) => [name, schema])) as Shape;
const key = z.object({ id: keyText, part: z.int() });
const everyColumn = z.object(shape).omit({ note: true });

function asText(name: string): string {
  return `${name}::text`;
}

function instant(name: string): string {
  return `to_char(${name}, 'YYYY-MM-DD"T"HH24:MI:SS.US AD')`;
}

/** `0001… BC` is the year before the first. */
function fromEra(text: string): string {
  const [iso, era] = text.split(" ") as [string, string];
  return era === "BC" ? `0000${iso.slice(4)}` : iso;
}

/**
 * The rows of a table, read by SQL that the target has no part in; null where there is no table. PGlite takes
 * U+FEFF at the beginning of a text for a byte order mark, so `=` stands before each.
 */
async function readTable(ask: AskSql, table: string) {
  const [found] = await ask("SELECT to_regclass($1)::text AS name", [`"${table}"`]);
  if (found?.name === null) return null;
  const there = await ask(
    "SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = $1",
    [table],
  );
  const names = there.map(({ name }) => String(name)).filter((name) => name in columns) as (keyof Columns)[];
  const select = [`'=' || "id" AS key_id`, '"part"::text AS key_part', ...names.map(expressionOf)];
  const rows = await ask(`SELECT ${select.join(", ")} FROM "${table}"`, []);
  return rows.map((row) => ({
    key: { id: String(row.key_id).slice(1), part: Number(row.key_part) },
    value: Object.fromEntries(names.flatMap((name) => fieldOf(name, row[`value_${name}`]))),
  }));
}

function expressionOf(name: keyof Columns): string {
  return `'=' || ${columns[name][1](`"${name}"`)} AS "value_${name}"`;
}

function fieldOf(name: keyof Columns, text: unknown): [string, unknown][] {
  if (text === null) return name === "optional" ? [] : [[name, null]];
  return [[name, columns[name][2](String(text).slice(1))]];
}

type Options = TargetConformanceOptions<typeof key, typeof everyColumn>;

/** What the target of a table can be told beside its place. */
export interface SqlTableSpec {
  readonly columnTypes?: Record<string, string>;
  readonly vectorType?: "halfvec";
}

/** What both kinds of tables are held to. */
export function sqlTableOptions(
  target: (place: ConformancePlace, spec: SqlTableSpec) => ReturnType<Options["target"]>,
  ask: (place: ConformancePlace) => AskSql | Promise<AskSql>,
  attachment: Options["attachments"] & object,
): Options {
  const few = everyColumn.pick({ text: true, int: true });
  return {
    target: (place) => target(place, {}),
    key,
    value: everyColumn,
    readBack: async (place) => (await readTable(await ask(place), place.name)) as never,
    capabilities: { atomic: true, readBack: true, inspect: true },
    refused: {
      key: { id: "refused", part: 0 },
      // pgvector holds no NaN.
      value: { ...sample, vector: [Number.NaN, 0, 0, 0] },
    },
    foreign: {
      async put(place) {
        await (await ask(place))(`CREATE TABLE "${place.name}_of_others" (id text)`, []);
      },
      async isThere(place) {
        const [row] = await (await ask(place))("SELECT to_regclass($1)::text AS name", [
          `${place.name}_of_others`,
        ]);
        return row?.name !== null;
      },
    },
    cleanUp: async (place) => {
      await (await ask(place))(`DROP TABLE IF EXISTS "${place.name}" CASCADE`, []);
      await (await ask(place))(`DROP TABLE IF EXISTS "${place.name}_of_others"`, []);
    },
    indexes: { vector: [{ field: "vector", metric: "cosine" }] },
    manyRows: 2_500,
    changes: [
      { name: "columns in another order", verdict: "unchanged", value: reversed() },
      { name: "a column more", verdict: "compatible", value: z.object(shape) },
      { name: "fewer columns", verdict: "compatible", value: few, indexes: {} },
      {
        name: "other indexes",
        verdict: "compatible",
        indexes: {
          vector: [{ field: "vector", metric: "l2", method: { kind: "ivfflat", lists: 2 } }],
          fts: [{ field: "text", parameters: { config: "simple" } }],
        },
      },
      { name: "an attachment", verdict: "compatible", attachments: attachment },
      {
        name: "a column of another type",
        verdict: "destructive",
        value: everyColumn.extend({ int: z.number() }),
      },
      {
        name: "another type chosen for a column",
        verdict: "destructive",
        target: (place) => target(place, { columnTypes: { int: "numeric(20,0)" } }) as never,
      },
    ],
  };
}

function reversed() {
  return z.object(Object.fromEntries(Object.entries(everyColumn.shape).reverse()));
}

const sample = {
  text: "",
  boolean: true,
  int: 0,
  int64: 0n,
  float32: 0,
  float64: 0,
  bytes: new Uint8Array(),
  uuid: "00000000-0000-0000-0000-000000000000",
  date: "2024-01-01",
  time: "00:00:00",
  localDateTime: "2024-01-01T00:00:00",
  offsetDateTime: "2024-01-01T00:00:00Z",
  duration: "PT0S",
  range: [0, 0],
  json: null,
  anyVector: [],
  list: [],
  tuple: ["", 0],
  struct: { text: "", inner: { number: null } },
  table: [],
  union: 0,
  choice: null,
  optional: "",
};
