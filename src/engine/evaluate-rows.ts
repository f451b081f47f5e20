import type { CallPolicies } from "../contracts/call-policy.ts";
import type { Report } from "../contracts/events.ts";
import type { StateStore } from "../contracts/state-store.ts";
import { type SluiceError, toSluiceError } from "../errors/index.ts";
import { compareBytes } from "../kernel/bytes.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Plan, PlannedExport, PlannedSource } from "../plan/index.ts";
import { toPlain, type ValueType } from "../values/index.ts";
import { evaluate, type NamedValue, type Yielded } from "./evaluate.ts";
import { FunctionCalls } from "./function-calls.ts";
import { type ListedRow, type Listing, listRows } from "./list.ts";
import { Memos } from "./memos.ts";
import { openSource } from "./open-source.ts";
import { rowOf } from "./process-row.ts";
import { RowReader } from "./read.ts";
import type { WantedEntry } from "./reconcile.ts";
import { RowCalls } from "./row-calls.ts";
import type { TargetValue } from "./row-work.ts";
import type { ReadingRun } from "./run.ts";
import { Tally } from "./tally.ts";
import { EntryEncoder } from "./wanted-entries.ts";

export interface EvaluateRowsOptions {
  readonly plan: Plan;
  /** Read for remembered results, never written; null: everything is computed. */
  readonly store: StateStore | null;
  readonly policies: CallPolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly appDirectory: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What a row yields, in plain data. */
export interface EvaluatedRow {
  readonly source: string;
  /** The key as text for people. */
  readonly row: string;
  readonly key: unknown;
  /** Derived fields by name; one that was named for each row of a table is a list. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** By export name, sorted by key. */
  readonly exports: Readonly<Record<string, readonly unknown[]>>;
  readonly error: SluiceError | null;
}

/** How many rows are evaluated side by side. */
const rowsAtOnce = 64;

/** Runs every row of every source through the flow, and touches neither targets nor store. */
export async function* evaluateRows(options: EvaluateRowsOptions): AsyncGenerator<EvaluatedRow> {
  const { plan, clock, signal, appDirectory } = options;
  const began = clock.monotonic();
  const tally = new Tally(plan, options.report, () => clock.monotonic() - began);
  const run: ReadingRun = { plan, clock, signal, tally, sourceContext: { appDirectory, clock } };
  const evaluator = new RowEvaluator(options, tally);
  for (const source of plan.sources) yield* evaluateSource(run, source, evaluator);
}

async function* evaluateSource(
  run: ReadingRun,
  source: PlannedSource,
  evaluator: RowEvaluator,
): AsyncGenerator<EvaluatedRow> {
  const opened = await openSource(run, source);
  if (opened === null) return;
  const { connection } = opened;
  const listing: Listing = { rows: 0, complete: true };
  try {
    const reader = new RowReader(run, source, connection);
    for await (const page of listRows(run, source, connection, listing)) {
      for (let at = 0; at < page.length; at += rowsAtOnce) {
        const rows = await Promise.all(
          page.slice(at, at + rowsAtOnce).map((row) => evaluator.row(source, reader, row)),
        );
        // What an interrupted call yields is no failure of the row.
        run.signal.throwIfAborted();
        for (const row of rows) if (row !== null) yield row;
      }
    }
  } finally {
    await opened.close();
  }
}

class RowEvaluator {
  readonly #plan: Plan;
  readonly #calls: FunctionCalls;
  readonly #encoder: EntryEncoder;
  readonly #tally: Tally;

  constructor({ plan, store, policies, clock, random, signal }: EvaluateRowsOptions, tally: Tally) {
    const memos =
      store &&
      new Memos({
        read: (all) => store.readMemos(all),
        keep: null,
        report: tally.report,
        ignoreStored: () => false,
      });
    this.#plan = plan;
    this.#tally = tally;
    this.#calls = new FunctionCalls({
      functions: plan.functions,
      memos,
      policies,
      clock,
      random,
      signal,
      report: tally.report,
    });
    this.#encoder = new EntryEncoder(plan.exports.map((planned) => ({ planned, schemaVersion: 0 })));
  }

  /** Null when the row has gone since it was listed. */
  async row(
    source: PlannedSource,
    reader: RowReader,
    { entry, key }: ListedRow,
  ): Promise<EvaluatedRow | null> {
    const row = source.formatKey(entry.key);
    const plain = { source: source.name, row, key: toPlain(source.step.keyType, entry.key) };
    try {
      const read = await reader.read(entry);
      if (read === null) return null;
      const calls = new RowCalls(this.#plan.functions.length);
      const yielded = await evaluate({
        scope: source.wholeProgram.scope,
        slots: source.slots,
        row: rowOf(entry.key, read.value, source),
        caller: { call: (step, args) => this.#calls.call(step, args, calls) },
      });
      const identity = { flow: this.#plan.flow, source: source.idName, key };
      const wanted = this.#encoder.encode(identity, source.wholeProgram, yielded);
      this.#tally.report({
        kind: "row-done",
        source: source.name,
        row,
        outcome: "reprocessed",
        reason: "forced",
      });
      return {
        ...plain,
        fields: namedFields(yielded),
        exports: plainExports(source, this.#plan.exports, wanted),
        error: null,
      };
    } catch (thrown) {
      const error = toSluiceError(thrown, "internal", {
        where: { flow: this.#plan.flow, source: source.name, row },
      });
      if (error.exitCode !== 1) throw error;
      this.#tally.report({ kind: "row-failed", source: source.name, row, error });
      return { ...plain, fields: {}, exports: {}, error };
    }
  }
}

function namedFields(yielded: readonly Yielded[]): Record<string, unknown> {
  const named = yielded.filter((one): one is NamedValue => one.kind === "named");
  const names = [...new Set(named.map(({ name }) => name))];
  return Object.fromEntries(
    names.map((name) => {
      const values = named.filter((one) => one.name === name).map(({ type, value }) => toPlain(type, value));
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function plainExports(
  { routes }: PlannedSource,
  exports: readonly PlannedExport[],
  wanted: ReadonlyMap<number, readonly WantedEntry<TargetValue>[]>,
): Record<string, readonly unknown[]> {
  return Object.fromEntries(
    routes.map(({ export: index }) => {
      const planned = exports[index]!;
      const rowType: ValueType = {
        kind: "struct",
        fields: [...planned.schema.keyFields, ...planned.schema.valueFields],
        nullable: false,
      };
      const sorted = [...(wanted.get(index) ?? [])].sort((a, b) => compareBytes(a.key, b.key));
      const rows = sorted.map(({ key, value }) =>
        toPlain(rowType, { ...(planned.keyCodec.decode(key) as object), ...(value.value as object) }),
      );
      return [planned.name, rows];
    }),
  );
}
