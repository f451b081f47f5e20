import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { CodeDigest } from "../contracts/code-digest.ts";
import { defineFunction } from "../contracts/define-function.ts";
import { defineSource } from "../contracts/define-source.ts";
import { defineTarget } from "../contracts/define-target.ts";
import { buildFlow, type FlowBuilder, type RowScope } from "../flow/index.ts";
import { fingerprint } from "../values/index.ts";
import { compilePlan } from "./compile-plan.ts";
import type { Plan } from "./plan.ts";

/** Code is told apart by the name that a test gives it. */
const digestOf = (codes: Readonly<Record<string, string>> = {}): CodeDigest => ({
  of: ({ name }) => ({ fingerprint: fingerprint(codes[name] ?? name), packages: [] }),
});

const pages = defineSource({
  kind: "pages",
  spec: z.object({ path: z.string(), patterns: z.array(z.string()).default([]) }),
  key: z.object({ id: z.string() }),
  value: z.object({ title: z.string(), text: z.string() }),
  valueSpec: ({ path }) => path,
  *list() {},
  getValue: () => null,
});

const shelf = defineTarget({
  kind: "shelf",
  spec: z.object({ name: z.string() }),
  getPersistentKey: ({ name }) => name,
  applySetupChange() {},
  mutate() {},
});

const upper = defineFunction({
  name: "upper",
  input: { text: z.string(), suffix: z.string().default("") },
  output: z.string(),
  run: ({ text, suffix }) => text.toUpperCase() + suffix,
});

const lower = defineFunction({
  name: "lower",
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => text.toLowerCase(),
});

type Page = RowScope<{ id: string; title: string; text: string }>;

interface Branches {
  readonly b?: boolean;
  readonly first?: (page: Page) => void;
  readonly spec?: z.input<typeof pagesSpec>;
}

const pagesSpec = z.object({ path: z.string(), patterns: z.array(z.string()).default([]) });

/** A flow of two branches, the first of which a test shapes. */
function plan({ b = true, first, spec = { path: "data" } }: Branches = {}, digest = digestOf()): Plan {
  const body = (flow: FlowBuilder) => {
    const upperCase = flow.addCollector<{ id: string; text: string }>();
    const lowerCase = flow.addCollector<{ id: string; text: string }>();
    flow.addSource("pages", pages(spec)).forEachRow((page) => {
      first?.(page);
      upperCase.collect({ id: page.id, text: page.text.transform(upper) });
      if (b) lowerCase.collect({ id: page.id, text: page.title.transform(lower) });
    });
    upperCase.export("Upper", shelf({ name: "upper" }), { primaryKeyFields: ["id"] });
    if (b) lowerCase.export("Lower", shelf({ name: "lower" }), { primaryKeyFields: ["id"] });
  };
  return compilePlan(buildFlow("Cases", body, null), digest);
}

const logicOf = (compiled: Plan, name: string) => {
  const index = compiled.exports.findIndex((planned) => planned.name === name);
  return compiled.sources[0]!.routes.find((route) => route.export === index)!.logic;
};

describe("the logic of a branch", () => {
  const base = plan();

  test("is the same for the same flow", () => {
    expect(logicOf(plan(), "Upper")).toBe(logicOf(base, "Upper"));
    expect(logicOf(base, "Lower")).not.toBe(logicOf(base, "Upper"));
  });

  test("does not hear of other branches, of names given to fields, or of their order", () => {
    expect(logicOf(plan({ b: false }), "Upper")).toBe(logicOf(base, "Upper"));
    const named = plan({ first: (page) => page.set("loud", page.title.transform(upper)) });
    expect(logicOf(named, "Upper")).toBe(logicOf(base, "Upper"));
    expect(logicOf(named, "Lower")).toBe(logicOf(base, "Lower"));
  });

  test("follows the code of its own functions", () => {
    const edited = plan({}, digestOf({ upper: "other code" }));
    expect(logicOf(edited, "Upper")).not.toBe(logicOf(base, "Upper"));
    expect(logicOf(edited, "Lower")).toBe(logicOf(base, "Lower"));
  });

  test("follows the part of the source's spec that values depend on", () => {
    const patterns = plan({ spec: { path: "data", patterns: ["*.md"] } });
    expect(logicOf(patterns, "Upper")).toBe(logicOf(base, "Upper"));
    expect(logicOf(plan({ spec: { path: "other" } }), "Upper")).not.toBe(logicOf(base, "Upper"));
  });

  test("counts only the functions on its way", () => {
    const [upperRoute, lowerRoute] = base.sources[0]!.routes;
    const names = (route: typeof upperRoute) => route!.functions.map((index) => base.functions[index]!.name);
    expect([names(upperRoute), names(lowerRoute)]).toEqual([["upper"], ["lower"]]);
  });
});

describe("programs", () => {
  test("hold the steps that feed the exports asked for, and no others", () => {
    const named = plan({ first: (page) => page.set("loud", page.title.transform(upper)) });
    const [source] = named.sources;
    const kinds = (wanted: readonly number[]) =>
      source!.programFor(new Set(wanted)).scope.steps.map(({ kind }) => kind);
    expect(kinds([0])).toEqual(["call", "collect"]);
    expect(kinds([1])).toEqual(["call", "collect"]);
    expect(kinds([0, 1])).toEqual(["call", "collect", "call", "collect"]);
    expect(kinds([])).toEqual([]);
    expect(source!.wholeProgram.scope.steps).toHaveLength(6);
    expect(source!.programFor(new Set([1, 0]))).toBe(source!.programFor(new Set([0, 1])));
  });
});

describe("a flow is refused", () => {
  const flowOf = (body: (flow: FlowBuilder) => void) => () =>
    compilePlan(buildFlow("Refused", body, null), digestOf());

  test("when two of its functions share a name", () => {
    const other = defineFunction({
      name: "upper",
      input: { text: z.string() },
      output: z.string(),
      run: ({ text }) => text,
    });
    const body = (flow: FlowBuilder) => {
      const out = flow.addCollector<{ id: string; a: string; b: string }>();
      flow.addSource("pages", pages({ path: "data" })).forEachRow((page) => {
        out.collect({ id: page.id, a: page.text.transform(upper), b: page.text.transform(other) });
      });
      out.export("Out", shelf({ name: "out" }), { primaryKeyFields: ["id"] });
    };
    expect(flowOf(body)).toThrow(
      expect.objectContaining({ code: "name-duplicate", where: { flow: "Refused", step: "upper" } }),
    );
  });

  test("when two of its target kinds share a name", () => {
    const other = defineTarget({
      kind: "shelf",
      spec: z.object({ name: z.string() }),
      getPersistentKey: ({ name }) => name,
      applySetupChange() {},
      mutate() {},
    });
    const body = (flow: FlowBuilder) => {
      const out = flow.addCollector<{ id: string; text: string }>();
      flow
        .addSource("pages", pages({ path: "data" }))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      out.export("A", shelf({ name: "a" }), { primaryKeyFields: ["id"] });
      out.export("B", other({ name: "b" }), { primaryKeyFields: ["id"] });
    };
    expect(flowOf(body)).toThrow(
      expect.objectContaining({ code: "name-duplicate", where: { flow: "Refused", target: "B" } }),
    );
  });

  test("when a target says what JSON cannot", () => {
    const odd = defineTarget({
      kind: "odd",
      spec: z.object({}),
      getPersistentKey: () => "it",
      setupState: () => ({ size: 1n }),
      applySetupChange() {},
      mutate() {},
    });
    const body = (flow: FlowBuilder) => {
      const out = flow.addCollector<{ id: string; text: string }>();
      flow
        .addSource("pages", pages({ path: "data" }))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      out.export("Odd", odd({}), { primaryKeyFields: ["id"] });
    };
    expect(flowOf(body)).toThrow(expect.objectContaining({ code: "option-invalid" }));
  });
});
