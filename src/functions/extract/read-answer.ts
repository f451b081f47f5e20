import type { ValueSchema } from "../../contracts/schema.ts";
import { wrapper } from "./answer-schema.ts";

/** An answer that fits, as the schema takes it; or what is wrong with it, for the model and for people. */
export type ReadAnswer =
  | { readonly kind: "fits"; readonly value: unknown }
  | { readonly kind: "unfit"; readonly problem: string };

/** Reads a model's answer by the schema that it was asked to fit. */
export function readAnswer(text: string, schema: ValueSchema, wrapped: boolean): ReadAnswer {
  const found = findJson(text);
  if (found === undefined) return unfit("it is no JSON");
  if (!wrapped) return fitted(found, schema);
  if (typeof found !== "object" || found === null || !Object.hasOwn(found, wrapper)) {
    return unfit(`it is no JSON object with a field ${wrapper}`);
  }
  return fitted((found as { readonly [wrapper]: unknown })[wrapper], schema);
}

function unfit(problem: string): ReadAnswer {
  return { kind: "unfit", problem };
}

/** JSON alone, or between the marks and words that models put around it. */
function findJson(text: string): unknown {
  const plain = text.replace(/^\s*<think>[\s\S]*?<\/think>/, "").trim();
  const fenced = /^```\w*\n([\s\S]*?)\n?```$/m.exec(plain)?.[1];
  const outermost = plain.slice(plain.indexOf("{"), plain.lastIndexOf("}") + 1);
  for (const candidate of [plain, fenced, outermost]) {
    const value = candidate === undefined ? undefined : parsed(candidate);
    if (value !== undefined) return value;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** How many problems are told at once. */
const toldProblems = 5;

/**
 * What JSON cannot say is put right first: null for a field that may only be left out, which servers with strict
 * answers want so, and numbers for 64-bit integers.
 */
function fitted(given: unknown, schema: ValueSchema): ReadAnswer {
  let value = given;
  let issues = issuesOf(value, schema);
  while (issues.length > 0) {
    const better = issues.map((issue) => mended(value, issue.path, schema, issues.length)).find((one) => one);
    if (!better) break;
    ({ value, issues } = better);
  }
  if (issues.length === 0) return { kind: "fits", value };
  const told = issues.slice(0, toldProblems).map(({ path, message }) => {
    const at = path.map(String).join(".");
    return at === "" ? message : `${at}: ${message}`;
  });
  const more = issues.length - told.length;
  return unfit([...told, ...(more > 0 ? [`and ${more} more`] : [])].join("; "));
}

function issuesOf(value: unknown, schema: ValueSchema): readonly Issue[] {
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues;
}

interface Mended {
  readonly value: unknown;
  readonly issues: readonly Issue[];
}

/** The value with one place put right; null where that leaves as many problems. */
function mended(
  value: unknown,
  path: readonly PropertyKey[],
  schema: ValueSchema,
  problems: number,
): Mended | null {
  const replacement = replacementOf(path.reduce<unknown>(memberOf, value));
  if (replacement === null) return null;
  const copy = withMember(value, path, replacement);
  const issues = issuesOf(copy, schema);
  return issues.length < problems ? { value: copy, issues } : null;
}

function memberOf(value: unknown, name: PropertyKey): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<PropertyKey, unknown>)[name]
    : undefined;
}

type Replacement = { readonly kind: "leave-out" } | { readonly kind: "bigint"; readonly value: bigint };

function replacementOf(value: unknown): Replacement | null {
  if (value === null) return { kind: "leave-out" };
  const isWhole = Number.isSafeInteger(value) || (typeof value === "string" && /^-?\d{1,19}$/.test(value));
  return isWhole ? { kind: "bigint", value: BigInt(value as number | string) } : null;
}

function withMember(value: unknown, path: readonly PropertyKey[], replacement: Replacement): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return replacement.kind === "bigint" ? replacement.value : undefined;
  const copied: object = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  const copy = copied as Record<PropertyKey, unknown>;
  const inner = withMember(copy[name], rest, replacement);
  if (inner === undefined) delete copy[name];
  else copy[name] = inner;
  return copy;
}
