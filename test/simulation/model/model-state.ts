import type { Case } from "../case.ts";
import {
  backendOf,
  type ExportShape,
  type FlowShape,
  type Item,
  prune,
  type SourceShape,
  stampOf,
} from "../flow-shape.ts";
import { BadInput } from "../functions.ts";
import { plainText, rowText } from "../world/backends.ts";
import { type BookRow, inOrder, keyText, rowValue, versionsOf } from "../world/books.ts";
import { type CollectorSchema, collectorSchema } from "./collector-schema.ts";
import { evaluateRow, type ModelCall, type ModelEntry } from "./evaluate-row.ts";
import { idNameOf } from "./id-names.ts";
import { logicOf } from "./logic.ts";
import { IdMaker } from "./make-ids.ts";

/** A row that yields a target row. */
export interface Claim {
  /** Names the row among those of all sources. */
  readonly row: string;
  readonly value: string;
}

export interface ModelBackend {
  readonly shape: ExportShape;
  readonly schema: CollectorSchema;
  /** Who claims each key; the first has it. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
}

export interface ModelRow {
  readonly name: string;
  readonly source: SourceShape;
  readonly stored: BookRow;
  /** What a source says of it without its value. */
  readonly version: string;
  /** All that it holds. */
  readonly content: string;
  /** What evaluating it calls, for these collectors only. */
  callsFor(collectors: ReadonlySet<string>): readonly ModelCall[];
}

/** What a world should hold, for one flow and the rows that its sources have. */
export interface ModelState {
  readonly flow: FlowShape;
  readonly backends: ReadonlyMap<string, ModelBackend>;
  readonly rows: ReadonlyMap<string, ModelRow>;
  /** Rows that fail: each stays as it was, or is not there where it never was. */
  readonly failing: ReadonlySet<string>;
  /** What makes a row of a source yield other rows of an export: by source, then by collector and backend. */
  readonly logic: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The rows of each source, by its name and the text of their keys. */
export type SourceRows = ReadonlyMap<string, ReadonlyMap<string, BookRow>>;

/** What sources have, and what rows that fail stay as. */
export interface RowsToEvaluate {
  readonly rows: SourceRows;
  readonly former: SourceRows;
}

/** Evaluates everything, in the order of source name, row key and position: whoever claims a key first has it. */
export function modelState(simulated: Case, flow: FlowShape, { rows, former }: RowsToEvaluate): ModelState {
  const backends = new Map(
    flow.exports.map((shape) => [backendOf(shape), new BackendBuilder(flow, shape)] as const),
  );
  const modelRows = new Map<string, ModelRow>();
  const failing = new Set<string>();
  for (const source of [...flow.sources].sort((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  )) {
    const bodyFor = bodiesOf(source);
    for (const stored of inOrder(rows.get(source.name)?.values() ?? [])) {
      const was = former.get(source.name)?.get(keyText(stored.key));
      const found = evaluated(simulated, { flow, source, stored, bodyFor });
      const row = found ?? (was ? evaluated(simulated, { flow, source, stored: was, bodyFor }) : null);
      if (found === null) failing.add(rowName(source.name, stored));
      if (row === null) continue;
      modelRows.set(row.name, row);
      for (const builder of backends.values()) builder.add(simulated, row, row.entries);
    }
  }
  const logic = new Map(flow.sources.map((source) => [source.name, logicOf(flow, source)]));
  return { flow, backends, rows: modelRows, failing, logic };
}

/** The part of a source's body that feeds some collectors. */
type BodyFor = (collectors: ReadonlySet<string>) => readonly Item[];

function bodiesOf({ body }: SourceShape): BodyFor {
  const known = new Map<string, readonly Item[]>();
  return (collectors) => {
    const name = [...collectors].sort().join();
    const pruned = known.get(name) ?? prune(body, collectors);
    known.set(name, pruned);
    return pruned;
  };
}

interface RowToEvaluate {
  readonly flow: FlowShape;
  readonly source: SourceShape;
  readonly stored: BookRow;
  readonly bodyFor: BodyFor;
}

type EvaluatedRow = ModelRow & { readonly entries: readonly ModelEntry[] };

/** Null where a function fails for the row. */
function evaluated({ books }: Case, { flow, source, stored, bodyFor }: RowToEvaluate): EvaluatedRow | null {
  const value = rowValue(stored, source.edition);
  const id = typeof stored.key === "object" ? stored.key[0] : stored.key;
  const run = (collectors: ReadonlySet<string>) =>
    evaluateRow({ ...value, id }, bodyFor(collectors), flow.versions);
  const all = orFailed(() => run(new Set(flow.exports.map(({ collector }) => collector))));
  if (all === null) return null;
  return {
    name: rowName(source.name, stored),
    source,
    stored,
    version: JSON.stringify(versionsOf(books[source.book]!, stored.row)),
    content: JSON.stringify(value),
    entries: all.entries,
    callsFor: (collectors) => run(collectors).calls,
  };
}

function orFailed<T>(evaluate: () => T): T | null {
  try {
    return evaluate();
  } catch (thrown) {
    if (thrown instanceof BadInput) return null;
    throw thrown;
  }
}

/** Names a row among those of all sources. */
export function rowName(source: string, { key }: BookRow): string {
  return `${source} ${keyText(key)}`;
}

/** Gathers what rows claim of one backend, in the order in which they are given. */
class BackendBuilder implements ModelBackend {
  readonly shape: ExportShape;
  readonly schema: CollectorSchema;
  readonly claims = new Map<string, Claim[]>();
  readonly #flow: FlowShape;
  readonly #collectorName: string;

  constructor(flow: FlowShape, shape: ExportShape) {
    this.shape = shape;
    this.schema = collectorSchema(flow, shape.collector);
    this.#flow = flow;
    const first = flow.exports.find(({ collector }) => collector === shape.collector)!;
    this.#collectorName = idNameOf(flow.exports, first.name);
  }

  add({ books }: Case, row: ModelRow, entries: readonly ModelEntry[]): void {
    const { collector, key: keyFields, target } = this.shape;
    const own = entries.filter((entry) => entry.collector === collector);
    if (own.length === 0) return;
    const { source, stored, name } = row;
    const ids = new IdMaker({
      source: idNameOf(this.#flow.sources, source.name),
      book: books[source.book]!,
      key: stored.key,
      collector: this.#collectorName,
      schema: this.schema,
    });
    for (const { fields } of own) {
      const values = Object.entries(ids.fill(fields));
      const isKey = ([field]: [string, unknown]) => keyFields.includes(field);
      const key = plainText(Object.fromEntries(values.filter(isKey)));
      const value = rowText(Object.fromEntries(values.filter((one) => !isKey(one))), stampOf(target));
      const claims = this.claims.get(key) ?? [];
      // Of one row, the first entry of a key counts.
      if (claims.at(-1)?.row !== name) claims.push({ row: name, value });
      this.claims.set(key, claims);
    }
  }
}
