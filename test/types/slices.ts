// Which type of value gives which slice. Checked by `tsc`, never run.
import { z } from "zod";
import type {
  FlowBuilder,
  RowScope,
  Slice,
  SliceOf,
  SourceSlice,
  StructSlice,
  TableSlice,
} from "../../src/flow/index.ts";
import {
  bytes,
  date,
  type IsoDate,
  int64,
  type JsonValue,
  json,
  range,
  table,
  type Uuid,
  uuid,
  vector,
} from "../../src/values/index.ts";
import { sourceOf } from "../flow-examples.ts";
import { holds, type Same } from "./same-type.ts";

type Row = { a: string; b: number };
type Doc = { id: z.core.$brand<"DocId"> & string };

// Single values.
holds<Same<SliceOf<string>, Slice<string>>>();
holds<Same<SliceOf<boolean>, Slice<boolean>>>();
holds<Same<SliceOf<"a" | "b">, Slice<"a" | "b">>>();
holds<Same<SliceOf<bigint>, Slice<bigint>>>();
holds<Same<SliceOf<Uint8Array>, Slice<Uint8Array>>>();
holds<Same<SliceOf<Float32Array>, Slice<Float32Array>>>();
holds<Same<SliceOf<Float64Array>, Slice<Float64Array>>>();
holds<Same<SliceOf<Uuid>, Slice<Uuid>>>();
holds<Same<SliceOf<Doc["id"]>, Slice<Doc["id"]>>>();
holds<Same<SliceOf<string | null>, Slice<string | null>>>();
holds<Same<SliceOf<string | undefined>, Slice<string | null>>>();
holds<Same<SliceOf<null>, Slice<null>>>();
holds<Same<SliceOf<unknown>, Slice<unknown>>>();

// Tuples, lists, JSON, records and unions are single values too.
holds<Same<SliceOf<[number, number]>, Slice<[number, number]>>>();
holds<Same<SliceOf<[Row, Row]>, Slice<[Row, Row]>>>();
holds<Same<SliceOf<string[]>, Slice<string[]>>>();
holds<Same<SliceOf<[number, number][]>, Slice<[number, number][]>>>();
holds<Same<SliceOf<(Row | null)[]>, Slice<(Row | null)[]>>>();
holds<Same<SliceOf<JsonValue>, Slice<JsonValue>>>();
holds<Same<SliceOf<JsonValue[]>, Slice<JsonValue[]>>>();
holds<Same<SliceOf<Record<string, number>>, Slice<Record<string, number>>>>();
holds<Same<SliceOf<string | number>, Slice<string | number>>>();
type Shape = { kind: "circle"; r: number } | { kind: "square"; a: number };
holds<Same<SliceOf<Shape>, Slice<Shape>>>();
holds<Same<SliceOf<Shape[]>, Slice<Shape[]>>>();

// Structs have fields, tables rows.
holds<Same<SliceOf<Row>, StructSlice<Row>>>();
holds<Same<SliceOf<Row | null>, StructSlice<Row, null>>>();
holds<Same<SliceOf<Row[]>, TableSlice<Row>>>();
holds<Same<SliceOf<readonly Row[]>, TableSlice<Row>>>();
holds<Same<SliceOf<Row[] | null>, TableSlice<Row, null>>>();
interface Declared {
  readonly a: string;
}
holds<Same<SliceOf<Declared>, StructSlice<Declared>>>();

// A slice of less is a slice of more, never the other way round.
declare const text: Slice<string>;
declare const maybe: Slice<string | null>;
declare const rows: TableSlice<Row>;
declare const struct: SliceOf<Row>;
export const widened: Slice<string | null> = text;
export const asUnknown: Slice<unknown> = text;
export const rowsAsValue: Slice<Row[]> = rows;
export const structAsValue: Slice<Row> = struct;
// @ts-expect-error may be null
export const narrowed: Slice<string> = maybe;
// @ts-expect-error another type
export const other: Slice<number> = text;
// @ts-expect-error a slice is no value
export const value: string = text;

declare const flow: FlowBuilder;
const source = sourceOf(
  z.object({ id: uuid() }),
  z.object({
    on: date(),
    location: range(),
    vector: vector(3),
    data: bytes(),
    count: int64(),
    anything: json(),
    brand: z.string().brand<"DocId">(),
    note: z.string().optional(),
    deep: z.object({ title: z.string(), inner: z.object({ n: z.int() }).nullable() }),
    pages: z.array(
      z.object({ lines: z.array(z.object({ words: z.array(z.object({ word: z.string() })) })) }),
    ),
    keyed: table(z.object({ page: z.int(), text: z.string() }), { key: ["page"] }),
    kinds: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), x: z.string() }),
      z.object({ kind: z.literal("b"), y: z.string() }),
    ]),
    transform: z.string(),
    field: z.string(),
    set: z.string(),
    forEachRow: z.object({ transform: z.string() }),
    constructor: z.string(),
  }),
);

const sources = flow.addSource("rows", source);
sources.forEachRow((row) => {
  holds<Same<typeof row.id, Slice<Uuid>>>();
  holds<Same<typeof row.on, Slice<IsoDate>>>();
  holds<Same<typeof row.location, Slice<[number, number]>>>();
  holds<Same<typeof row.vector, Slice<Float32Array>>>();
  holds<Same<typeof row.data, Slice<Uint8Array>>>();
  holds<Same<typeof row.count, Slice<bigint>>>();
  holds<Same<typeof row.anything, Slice<JsonValue>>>();
  holds<Same<typeof row.brand, Slice<string & z.core.$brand<"DocId">>>>();
  holds<Same<typeof row.note, Slice<string | null>>>();
  holds<Same<typeof row.deep.title, Slice<string>>>();
  // Below a struct that may be null, everything may be.
  holds<Same<typeof row.deep.inner.n, Slice<number | null>>>();
  const inner = row.deep.field("inner").field("n");
  holds<Same<typeof inner, Slice<number | null>>>();

  row.pages.forEachRow((page) => {
    page.lines.forEachRow((line) => {
      line.words.forEachRow((word) => {
        holds<Same<typeof word.word, Slice<string>>>();
        // @ts-expect-error unknown field
        word.text;
      });
    });
  });
  row.keyed.forEachRow((entry) => holds<Same<typeof entry.page, Slice<number>>>());
  // @ts-expect-error a tuple has no rows
  row.location.forEachRow(() => {});
  // @ts-expect-error a union has no fields
  row.kinds.kind;
  // @ts-expect-error JSON has no fields
  row.anything.a;
  // @ts-expect-error a table has no fields
  row.keyed.page;

  // Names that mean something else are reached with field() only.
  const hidden = [row.field("transform"), row.field("field"), row.field("set"), row.field("constructor")];
  holds<Same<typeof hidden, Slice<string>[]>>();
  const nested = row.field("forEachRow").field("transform");
  holds<Same<typeof nested, Slice<string>>>();
  // @ts-expect-error a row has no transform, and its field of that name is hidden
  row.transform;
  // @ts-expect-error the same of forEachRow
  row.forEachRow;
  // @ts-expect-error unknown field
  row.field("nothing");

  // set: the very slice, under a new name.
  const named = row.set("title", row.deep);
  holds<Same<typeof named.title, Slice<string>>>();
  // @ts-expect-error the row has that field
  row.set("deep", row.deep);
  // @ts-expect-error no slice
  row.set("x", "text");
});

// The rows of a source pass as a table; bodies are never async.
export const asTable: TableSlice<{ a: string }> = {} as SourceSlice<{ a: string }>;
// @ts-expect-error async
sources.forEachRow(async (row) => {
  row.id;
});
// @ts-expect-error a promise
sources.forEachRow(() => Promise.resolve());
sources.forEachRow((row) => row.id, { maxInflightRows: 3, maxInflightBytes: 1 });
// @ts-expect-error no such option
sources.forEachRow((row) => row.id, { maxInflight: 3 });
// @ts-expect-error no such option
flow.addSource("rows", source, { refresh: "5s" });
// @ts-expect-error a source has no fields
sources.id;

// A function of the user's own takes scopes and slices by their types.
export function use(row: RowScope<Row>): Slice<string> {
  return row.a;
}
