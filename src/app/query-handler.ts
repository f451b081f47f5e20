import { checkName } from "../contracts/name.ts";
import type { VectorMetric } from "../contracts/target.ts";
import { SluiceError } from "../errors/index.ts";
import { nameHint } from "../flow/index.ts";

/** Answers queries about what a flow keeps. `Row` is one result. */
export interface QueryHandler<Row extends object> {
  /** Unique in its flow: what `sluice query` and `flow.query` call it by. */
  readonly name: string;
  /** Finds what a query asks for, best first. Whatever it throws is an error of the query. */
  handler(
    query: string,
    context: QueryContext,
  ): readonly Row[] | QueryAnswer<Row> | Promise<readonly Row[] | QueryAnswer<Row>>;
  /** Which fields of a result mean something to a display. */
  readonly resultFields?: QueryResultFields<Row>;
}

/** What a query handler may use beside the query. */
export interface QueryContext {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** How many results are wanted at most; null: as many as the handler thinks fit. More than that are cut off. */
  readonly limit: number | null;
  /** What relative paths resolve against. */
  readonly appDirectory: string;
}

/** An answer that says more than its results. */
export interface QueryAnswer<Row extends object> {
  readonly results: readonly Row[];
  readonly queryInfo?: QueryInfo;
}

/** What a query was made into, for displays and for finding out why a result is there. */
export interface QueryInfo {
  /** The vector that was searched with. */
  readonly embedding?: Float32Array | Float64Array | readonly number[];
  readonly similarityMetric?: VectorMetric;
}

/** Which fields of a result mean something to a display; each is named if there is one. */
export interface QueryResultFields<Row extends object = Readonly<Record<string, unknown>>> {
  /** How well it fits: shown first. */
  readonly score?: FieldOf<Row>;
  /** Where it is from, such as a file: shown beside the score. */
  readonly location?: FieldOf<Row>;
  /** What people read: shown below. */
  readonly text?: FieldOf<Row>;
  /** Vectors: shown by their length. */
  readonly embedding?: FieldOf<Row> | readonly FieldOf<Row>[];
}

type FieldOf<Row> = keyof Row & string;

/** A query handler without its code. */
export interface QueryHandlerInfo {
  readonly name: string;
  readonly resultFields: QueryResultFields;
}

/** A query handler without its types. */
export type AnyQueryHandler = Omit<QueryHandler<object>, "resultFields"> & QueryHandlerInfo;

const optionNames = ["name", "handler", "resultFields"];
const fieldNames = ["score", "location", "text", "embedding"];

/** What a user gave as a query handler, checked. */
export function checkQueryHandler(flow: string, given: unknown): AnyQueryHandler {
  const refuse = (message: string, hint?: string) =>
    new SluiceError("option-invalid", message, { where: { flow }, hint });
  if (typeof given !== "object" || given === null)
    throw refuse("addQueryHandler was given no object", "Say addQueryHandler({ name, handler }).");
  const { name, handler, resultFields = {} } = given as Readonly<Record<string, unknown>>;
  checkName("a query handler", name);
  const unknown = Object.keys(given).find((option) => !optionNames.includes(option));
  if (unknown !== undefined)
    throw refuse(`query handler ${name} has no option ${unknown}`, nameHint(unknown, optionNames, "It has"));
  if (typeof handler !== "function") throw refuse(`query handler ${name} has no handler`);
  return {
    name,
    handler: handler as AnyQueryHandler["handler"],
    resultFields: checkFields(resultFields, (what, hint) => refuse(`query handler ${name} ${what}`, hint)),
  };
}

function checkFields(given: unknown, refuse: (what: string, hint?: string) => Error): QueryResultFields {
  if (typeof given !== "object" || given === null) throw refuse("takes an object for resultFields");
  for (const [meaning, field] of Object.entries(given)) {
    if (!fieldNames.includes(meaning))
      throw refuse(`knows no result field ${meaning}`, nameHint(meaning, fieldNames, "There are"));
    const names: readonly unknown[] = meaning === "embedding" && Array.isArray(field) ? field : [field];
    if (!names.every((name) => typeof name === "string"))
      throw refuse(`takes the name of a field for ${meaning}`);
  }
  return Object.freeze({ ...given });
}
