import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
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
  typeOfSchema,
  uuid,
  vector,
} from "../../values/index.ts";
import { columnMappings, columnType } from "./column-type.ts";

const examples: Readonly<Record<string, z.ZodType>> = {
  string: z.string(),
  boolean: z.boolean(),
  int: z.int(),
  int64: int64(),
  float32: float32(),
  float64: z.number(),
  bytes: bytes(),
  uuid: uuid(),
  date: date(),
  time: time(),
  localDateTime: localDateTime(),
  offsetDateTime: offsetDateTime(),
  duration: duration(),
  range: range(),
  json: json(),
  "vector of 32-bit floats, fixed dimension": vector(7),
  "other vectors": vector(7, { element: "float64" }),
  list: z.array(z.string()),
  tuple: z.tuple([z.string()]),
  struct: z.object({ a: z.string() }),
  table: z.array(z.object({ a: z.string() })),
  union: z.union([z.string(), z.int()]),
};

const typeOf = (schema: z.ZodType, options: { isKey?: boolean; given?: string } = {}) =>
  columnType(
    { name: "field", type: typeOfSchema(schema, "test"), optional: false },
    { isKey: options.isKey ?? false, vectorType: "vector", given: options.given },
  );

describe("the types of columns", () => {
  it("are those of the documented mapping, which has every kind of values", () => {
    expect(columnMappings.map(({ values }) => values)).toEqual(Object.keys(examples));
    for (const { values, column } of columnMappings)
      expect(typeOf(examples[values]!)).toBe(column.replace("(n)", "(7)"));
  });

  it("stand in the manual as they stand in the code", () => {
    const manual = readFileSync("docs/connectors/postgres.md", "utf8");
    const rows = columnMappings.map(({ values, column, note }) =>
      `| ${values} | \`${column}\` | ${note} |`.replace("|  |", "| |"),
    );
    expect(manual).toContain(`| values | column | |\n| --- | --- | --- |\n${rows.join("\n")}\n\n`);
  });

  it("keep what a key must tell apart, and vectors that pgvector does not hold", () => {
    expect(typeOf(offsetDateTime(), { isKey: true })).toBe("text");
    expect(typeOf(vector())).toBe("jsonb");
    expect(typeOf(vector(16_001))).toBe("jsonb");
  });

  it("are known by the name that Postgres gives them, however they are written", () => {
    const spellings: Readonly<Record<string, string>> = {
      " VARCHAR( 20 ) ": "character varying(20)",
      "numeric(10, 2)": "numeric(10,2)",
      "timestamptz(3)": "timestamp(3) with time zone",
      timestamptz: "timestamp with time zone",
      "time with time zone": "time with time zone",
      int4: "integer",
      "double  precision": "double precision",
      "int[]": "integer[]",
      "vector( 3 )": "vector(3)",
    };
    for (const [given, wanted] of Object.entries(spellings))
      expect(typeOf(z.string(), { given })).toBe(wanted);
  });
});
