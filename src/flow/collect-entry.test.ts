import { expect, test } from "vitest";
import { z } from "zod";
import { addFiles, build, mistake, sourceOf, targetOf, upper } from "../../test/flow-examples.ts";
import { date, float32, formatType, int64, json, vector } from "../values/index.ts";
import { type Collector, generatedUuid } from "./index.ts";

type Loose = Collector<Record<string, unknown>>;

const rows = sourceOf(
  z.object({ id: z.uuid() }),
  z.object({
    text: z.string(),
    maybe: z.string().nullable(),
    int: z.int(),
    small: float32(),
    float: z.number(),
    big: int64(),
    on: date(),
    json: json(),
    vector: vector(2),
    pair: z.tuple([z.int(), z.number()]),
    list: z.array(z.int()),
    floats: z.array(z.number()),
    struct: z.object({ a: z.int(), b: z.string().nullable() }),
    wider: z.object({ b: z.string(), a: z.number() }),
    other: z.object({ a: z.int() }),
    table: z.array(z.object({ a: z.int() })),
    tableWider: z.array(z.object({ a: z.number().nullable() })),
  }),
);
type Rows = ReturnType<typeof addRows>;
type Row = Parameters<Parameters<Rows["forEachRow"]>[0]>[0];
function addRows(flow: Parameters<Parameters<typeof build>[0]>[0]) {
  return flow.addSource("rows", rows);
}

/** The types of the collector that these entries go to. */
function types(...entries: ((row: Row) => Record<string, unknown>)[]): Record<string, string> {
  const definition = build((flow) => {
    const out: Loose = flow.addCollector<Record<string, unknown>>();
    addRows(flow).forEachRow((row) => {
      for (const entry of entries) out.collect(entry(row));
    });
  });
  return Object.fromEntries(
    definition.collectors[0]!.fields.map(({ name, type }) => [name, formatType(type)]),
  );
}

function problem(...entries: ((row: Row) => Record<string, unknown>)[]) {
  return mistake((flow) => {
    const out: Loose = flow.addCollector<Record<string, unknown>>();
    addRows(flow).forEachRow((row) => {
      for (const entry of entries) out.collect(entry(row));
    });
  });
}

test("constants have the type that they look like", () => {
  expect(
    types((row) => ({
      row: row.text,
      text: "x",
      yes: true,
      int: 3,
      float: 1.5,
      huge: 2 ** 60,
      big: 3n,
      bytes: new Uint8Array(2),
      vector: new Float32Array(3),
      doubles: new Float64Array(2),
      list: [1, "a"],
      object: { a: [1] },
      id: generatedUuid(),
    })),
  ).toEqual({
    row: "string",
    text: "string",
    yes: "boolean",
    int: "int",
    float: "float64",
    huge: "float64",
    big: "int64",
    bytes: "bytes",
    vector: "vector<float32, 3>",
    doubles: "vector<float64, 2>",
    list: "json",
    object: "json",
    id: "uuid",
  });
});

test("entries of different types join in the least type that takes both", () => {
  const joined = (a: (row: Row) => unknown, b: (row: Row) => unknown) => {
    const one = types(
      (row) => ({ x: a(row) }),
      (row) => ({ x: b(row) }),
    ).x;
    expect(
      types(
        (row) => ({ x: b(row) }),
        (row) => ({ x: a(row) }),
      ).x,
    ).toBe(one);
    return one;
  };
  expect(
    joined(
      (r) => r.text,
      (r) => r.maybe,
    ),
  ).toBe("string?");
  expect(
    joined(
      (r) => r.int,
      (r) => r.float,
    ),
  ).toBe("float64");
  expect(
    joined(
      (r) => r.int,
      (r) => r.small,
    ),
  ).toBe("float64");
  expect(
    joined(
      (r) => r.on,
      (r) => r.text,
    ),
  ).toBe("string");
  expect(
    joined(
      (r) => r.id,
      () => generatedUuid(),
    ),
  ).toBe("uuid");
  expect(
    joined(
      (r) => r.text,
      () => generatedUuid(),
    ),
  ).toBe("string");
  expect(
    joined(
      (r) => r.struct,
      (r) => r.json,
    ),
  ).toBe("json?");
  expect(
    joined(
      (r) => r.list,
      (r) => r.floats,
    ),
  ).toBe("list<float64>");
  expect(
    joined(
      (r) => r.floats,
      (r) => r.pair,
    ),
  ).toBe("list<float64>");
  expect(
    joined(
      (r) => r.table,
      (r) => r.tableWider,
    ),
  ).toBe("table<{ a: float64? }>");
  expect(
    types(
      (r) => ({ x: r.struct }),
      (r) => ({ x: r.wider }),
    ).x,
  ).toBe("{ a: float64, b: string? }");
});

test("a constant joins the type of the slices where it is a value of it", () => {
  const withConstant = (slice: (row: Row) => unknown, constant: unknown) => {
    const definition = build((flow) => {
      const out: Loose = flow.addCollector<Record<string, unknown>>();
      addRows(flow).forEachRow((row) => {
        out.collect({ x: constant });
        out.collect({ x: slice(row) });
      });
    });
    const step = definition.sources[0]!.scope.steps[0]!;
    const expression = step.kind === "collect" ? step.fields[0]!.value : undefined;
    expect(expression).toMatchObject({ kind: "constant", type: definition.collectors[0]!.fields[0]!.type });
    const value = expression?.kind === "constant" ? expression.value : undefined;
    return [formatType(definition.collectors[0]!.fields[0]!.type), value];
  };
  expect(withConstant((r) => r.float, 1)).toEqual(["float64", 1]);
  expect(withConstant((r) => r.int, 1.5)).toEqual(["float64", 1.5]);
  expect(withConstant((r) => r.on, "2024-02-29")).toEqual(["date", "2024-02-29"]);
  expect(withConstant((r) => r.on, "someday")).toEqual(["string", "someday"]);
  expect(withConstant((r) => r.struct, { b: null, a: 1 })).toEqual([
    "{ a: int, b: string? }",
    { a: 1, b: null },
  ]);
  expect(withConstant((r) => r.pair, [1, 2])).toEqual(["[int, float64]", [1, 2]]);
  expect(withConstant((r) => r.text, null)).toEqual(["string?", null]);
  expect(withConstant((r) => r.float, -0)).toEqual(["float64", 0]);
});

test("types that no type takes are a mistake, which names field and collector", () => {
  const error = problem(
    (row) => ({ name: row.text, n: row.int }),
    (row) => ({ name: row.text, n: row.text }),
  );
  expect(error).toMatchObject({
    code: "collect-invalid",
    message: "field n of the collector of name and n: entries hold int and string, and no type takes both",
    where: { flow: "Docs", source: "rows", step: "n" },
  });
  const mismatches: [(row: Row) => unknown, (row: Row) => unknown][] = [
    [(r) => r.int, (r) => r.big],
    [(r) => r.struct, (r) => r.other],
    [(r) => r.table, (r) => r.struct],
    [(r) => r.vector, () => new Float32Array(3)],
    [(r) => r.text, () => 3],
    [() => "a", () => true],
  ];
  for (const [a, b] of mismatches)
    expect(
      problem(
        (r) => ({ x: a(r) }),
        (r) => ({ x: b(r) }),
      ).code,
    ).toBe("collect-invalid");
});

test("every entry has the fields of the first", () => {
  const first = (row: Row) => ({ b: row.text, a: row.int });
  expect(problem(first, (row) => ({ a: row.int }))).toMatchObject({
    code: "collect-invalid",
    message: "an entry of the collector of b and a lacks b",
    where: { flow: "Docs", source: "rows", step: "b" },
  });
  expect(problem(first, (row) => ({ a: row.int, b: row.text, c: row.text }))).toMatchObject({
    code: "collect-invalid",
    message: "an entry of the collector of b and a has c too",
    where: { step: "c" },
  });
  expect(problem(first, (row) => ({ a: row.int, b: undefined })).message).toBe(
    "an entry of the collector of b and a lacks b",
  );
  expect(Object.keys(types(first, (row) => ({ a: row.int, b: row.text })))).toEqual(["b", "a"]);
});

test("a field that only ever holds null has no type", () => {
  expect(
    problem(
      (row) => ({ name: row.text, x: null, y: null }),
      (row) => ({ name: row.text, x: null, y: 1 }),
    ),
  ).toMatchObject({
    code: "collect-invalid",
    message: "the collector of name, x and y holds nothing but null in x",
    hint: expect.stringContaining("typed value"),
    where: { flow: "Docs", step: "x" },
  });
});

test("an entry holds slices and plain constants only", () => {
  const of = (x: (row: Row) => unknown) => problem((row) => ({ x: x(row) }));
  expect(of((row) => [row.text])).toMatchObject({
    code: "collect-invalid",
    message: "collect was given a slice inside another value for x",
    where: { step: "x" },
  });
  expect(of((row) => ({ deep: [{ id: row.text }] })).code).toBe("collect-invalid");
  expect(of((row) => row).message).toBe("collect was given a row of rows for x");
  expect(of(() => new Date(0)).message).toBe(
    "field x of the collector: an object of class Date is no value of a flow",
  );
  expect(of(() => () => 1).message).toBe("field x of the collector: a function is no value of a flow");
  expect(of(() => ({ a: new Map() })).code).toBe("collect-invalid");
  expect(of(() => 2n ** 70n).code).toBe("collect-invalid");
  expect(of(() => "\ud800").code).toBe("collect-invalid");
  const cycle: unknown[] = [];
  cycle.push(cycle);
  expect(of(() => cycle).code).toBe("collect-invalid");
  const source = mistake((flow) => {
    const out: Loose = flow.addCollector<Record<string, unknown>>();
    const documents = addFiles(flow);
    documents.forEachRow(() => out.collect({ x: documents }));
  });
  expect(source.message).toBe("collect was given source documents for x");
});

test("an entry is an object of named fields", () => {
  const given = (entry: unknown) => problem(() => entry as never);
  for (const wrong of [null, undefined, [], "x", {}]) expect(given(wrong).code).toBe("collect-invalid");
  expect(problem((row) => row.text as never).message).toBe("collect was given no object of fields");
  for (const name of ["", "a\0b", "__proto__"])
    expect(given(JSON.parse(JSON.stringify({ n: 1 }).replace('"n"', JSON.stringify(name)))).code).toBe(
      "name-invalid",
    );
  expect(types(() => ({ "any text, even ü": 1 }))).toEqual({ "any text, even ü": "int" });
});

test("a name of several lines makes no message of several lines", () => {
  const error = problem(
    () => ({ "two\nlines": 1 }),
    () => ({ "two\nlines": "x" }),
  );
  expect(error.message).toMatch(/^field two lines of the collector of two lines: /);
});

test("collect belongs inside a forEachRow", () => {
  const error = mistake((flow) => {
    addFiles(flow);
    flow.addCollector<{ a: number }>().collect({ a: 1 });
  });
  expect(error).toMatchObject({
    code: "scope-invalid",
    message: "collect was called outside of any forEachRow",
    where: { flow: "Docs" },
  });
});

test("a result that may be null makes its field nullable", () => {
  const definition = build((flow) => {
    const out = flow.addCollector<{ id: string; text: string | null }>();
    addFiles(flow).forEachRow((doc) =>
      out.collect({ id: doc.filename, text: doc.meta.title.transform(upper) }),
    );
    out.export("A", targetOf(), { primaryKeyFields: ["id"] });
  });
  expect(definition.collectors[0]!.fields[1]!.type).toEqual({ kind: "string", nullable: true });
});
