import { expect } from "vitest";
import { z } from "zod";
import { defineFunction } from "../src/contracts/define-function.ts";
import { defineSource } from "../src/contracts/define-source.ts";
import { defineTarget } from "../src/contracts/define-target.ts";
import type { ValueSchema } from "../src/contracts/schema.ts";
import { isSluiceError, type SluiceError } from "../src/errors/index.ts";
import {
  buildFlow,
  type FlowBuilder,
  type FlowDefinition,
  type Scope,
  type Step,
} from "../src/flow/index.ts";
import { vector } from "../src/values/index.ts";

/** A source of any key and value, which never yields a row. */
export function sourceOf<K extends ValueSchema, V extends ValueSchema>(key: K, value: V) {
  return defineSource({
    kind: "rows",
    spec: z.object({}),
    key,
    value,
    *list() {
      yield [];
    },
    getValue: () => null,
  })({});
}

export const files = sourceOf(
  z.object({ filename: z.string() }),
  z.object({
    content: z.string(),
    language: z.string().nullable(),
    meta: z.object({ title: z.string(), pages: z.int().optional() }).nullable(),
    tags: z.array(z.object({ tag: z.string() })),
  }),
);

export const upper = defineFunction({
  name: "upper",
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => text.toUpperCase(),
});

export const double = defineFunction({
  name: "double",
  input: { n: z.int() },
  output: z.int(),
  run: ({ n }) => 2 * n,
});

export const join = defineFunction({
  name: "join",
  input: { left: z.string(), right: z.string(), between: z.string().default(" ") },
  output: z.string(),
  run: ({ left, right, between }) => left + between + right,
});

export const split = defineFunction({
  name: "split",
  spec: z.object({ size: z.int() }),
  input: { text: z.string(), language: z.string().optional() },
  output: z.array(z.object({ location: z.tuple([z.int(), z.int()]), text: z.string() })),
  run: () => [],
});

export const embed = defineFunction({
  name: "embed",
  input: { text: z.string() },
  output: vector(3),
  run: () => new Float32Array(3),
});

/** A target that takes what the schemas say, or anything without them. */
export function targetOf<K extends ValueSchema = z.ZodUnknown, V extends ValueSchema = z.ZodUnknown>(
  schemas: { readonly key?: K; readonly value?: V } = {},
) {
  const target = defineTarget({
    kind: "table",
    spec: z.object({ name: z.string() }),
    ...schemas,
    getPersistentKey: (spec) => spec.name,
    applySetupChange() {},
    mutate() {},
  });
  return target({ name: "t" });
}

/** The definition of a flow of the name Docs. */
export function build(body: (flow: FlowBuilder) => unknown): FlowDefinition {
  return buildFlow("Docs", body, null);
}

/** The error of a flow of the name Docs: one line that names the flow. */
export function mistake(body: (flow: FlowBuilder) => unknown): SluiceError {
  try {
    build(body);
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    expect(error.where.flow).toBe("Docs");
    expect(error.message).toMatch(/^[^\n]+$/);
    expect(error.hint ?? "").not.toMatch(/\n/);
    return error;
  }
  throw new Error("the flow was built, but a mistake was expected");
}

/** The error of going through the files with this body. */
export function mistakeInRow(
  body: (
    doc: Parameters<Parameters<ReturnType<typeof addFiles>["forEachRow"]>[0]>[0],
    flow: FlowBuilder,
  ) => void,
): SluiceError {
  return mistake((flow) => addFiles(flow).forEachRow((doc) => body(doc, flow)));
}

export function addFiles(flow: FlowBuilder) {
  return flow.addSource("documents", files);
}

/** The steps as text: `call upper(0.content) → 1`, `each 1 → 2 { … }`. */
export function stepTexts(scope: Scope): readonly string[] {
  return scope.steps.flatMap((step) => stepText(step));
}

function stepText(step: Step): readonly string[] {
  switch (step.kind) {
    case "call": {
      const args = step.arguments.map(({ name, value }) => `${name}: ${expressionText(value)}`);
      return [`${step.slot} = ${step.use.definition.name}(${args.join(", ")})`];
    }
    case "each":
      return [
        `each ${step.scope.rowSlot} of ${expressionText(step.table)}`,
        ...stepTexts(step.scope).map((text) => `  ${text}`),
      ];
    case "name":
      return [`${step.name} = ${expressionText(step.value)}`];
    case "collect": {
      const fields = step.fields.map(
        ({ name, value }) => `${name}: ${value.kind === "generatedUuid" ? "uuid" : expressionText(value)}`,
      );
      return [`collect ${step.collector} { ${fields.join(", ")} }`];
    }
  }
}

function expressionText(value: Exclude<Step & { kind: "name" }, never>["value"]): string {
  return value.kind === "constant" ? JSON.stringify(value.value) : [value.slot, ...value.path].join(".");
}
