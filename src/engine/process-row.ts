import type { RowOutcome, RowReason } from "../contracts/events.ts";
import type { SourceEntry } from "../contracts/source.ts";
import type { RowWrite } from "../contracts/state-store.ts";
import { abortable } from "../kernel/abortable.ts";
import { equalBytes } from "../kernel/bytes.ts";
import { isPromise } from "../kernel/maybe-promise.ts";
import type { Semaphore } from "../kernel/semaphore.ts";
import type { PlannedSource } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";
import { evaluate } from "./evaluate.ts";
import { encodeOutputRecord, type TargetOutput } from "./output-record.ts";
import type { ReadRow, RowReader } from "./read.ts";
import type { WantedEntry } from "./reconcile.ts";
import { RowCalls } from "./row-calls.ts";
import { type WantedOutput, withRowChange } from "./row-change.ts";
import { memosOf, type RowAtWork, type RowRecorder, type TriedRow } from "./row-recorder.ts";
import { RowTracer } from "./row-tracer.ts";
import type { TargetValue } from "./row-work.ts";
import type { Run } from "./run.ts";
import type { SourceLogic } from "./source-logic.ts";
import { encodeSourceVersion } from "./source-version.ts";
import type { TargetIndex } from "./target-index.ts";
import {
  type CommittedVersion,
  decodeVersionRecord,
  encodeVersionRecord,
  type VersionRecord,
} from "./version-record.ts";

export interface RowProcessorOptions {
  readonly run: Run;
  readonly source: PlannedSource;
  readonly reader: RowReader;
  readonly recorder: RowRecorder;
  readonly logic: SourceLogic;
  readonly targets: TargetIndex;
  /** Bounds the bytes of values in flight. */
  readonly bytes: Semaphore;
}

/** What is known of a row before it is looked at. */
export interface RowMarks {
  /** Its version record; null for a row that is not stored. */
  readonly stored: Uint8Array | null;
  /** Exports with a target key that has become the row's own: their entries are made again whatever else is the same. */
  readonly owed?: ReadonlySet<number>;
  /** It goes before rows that are only listed. */
  readonly urgent?: boolean;
  /** When a watcher told of the change, by the monotonic clock. */
  readonly toldAt?: number;
  /** It failed with this content, and is left alone for now if it has it still. */
  readonly waitsWith?: Fingerprint | null;
}

interface RowToProcess {
  readonly at: RowAtWork;
  readonly entry: SourceEntry<unknown, unknown>;
  readonly owed: ReadonlySet<number>;
  readonly urgent: boolean;
}

/** A row that is to be made again, with what it has to do with functions. */
interface RowToBring extends Omit<RowToProcess, "urgent"> {
  readonly calls: RowCalls;
}

/** What a row yields now for the exports that were evaluated. */
interface Evaluated {
  readonly exports: ReadonlySet<number>;
  readonly wanted: ReadonlyMap<number, readonly WantedEntry<TargetValue>[]>;
  /** Null where none was. */
  readonly calls: RowCalls | null;
}

/** Takes the rows of one source through read, evaluate, reconcile and on to landing. */
export class RowProcessor {
  readonly #options: RowProcessorOptions;
  readonly #tracer: RowTracer;

  constructor(options: RowProcessorOptions) {
    this.#options = options;
    this.#tracer = new RowTracer(options.run, options.logic);
  }

  /** Brings the targets up to a row that the source has. Resolves to false when reading shows that it has it no more. */
  async process(
    entry: SourceEntry<unknown, unknown>,
    key: Uint8Array,
    { stored, owed = nothing, urgent = false, toldAt, waitsWith = null }: RowMarks,
  ): Promise<boolean> {
    const { source, reader, recorder, bytes, run } = this.#options;
    const before = stored === null ? noVersion : decodeVersionRecord(stored);
    const at = { key, row: source.formatKey(entry.key), before, toldAt };
    let read: ReadRow | null = null;
    let held = 0;
    try {
      read = await reader.read(entry);
      if (read === null) return false;
      if (waitsWith !== null && waitsWith === read.content) return true;
      await bytes.take(read.size, run.signal, urgent);
      held = read.size;
      await this.#processRead({ at, entry, owed, urgent }, read);
    } catch (thrown) {
      await recorder.fail({ ...at, tried: triedRow(entry, read) }, thrown);
    } finally {
      if (held > 0) bytes.release(held);
    }
    return true;
  }

  async #processRead({ at, entry, owed, urgent }: RowToProcess, read: ReadRow): Promise<void> {
    const { run, logic, recorder } = this.#options;
    const { before, key } = at;
    const forced = run.forcing.reexport || run.forcing.fullReprocess;
    const reason = reasonFor(before, read, { logic: logic.whole, forced, owed: owed.size > 0 });
    const committed = { logic: logic.whole, content: read.content, sourceVersion: read.sourceVersion };
    const version = encodeVersionRecord({ committed, pending: false, failures: 0 });
    const settled = { ...recorder.address(key), version, ...(before.failures > 0 ? { failure: null } : {}) };
    if (reason === "version") {
      run.tally.source(this.#options.source.name).unchanged++;
      if (!saysTheSame(before, committed)) await recorder.settle(key, settled);
      return;
    }
    const calls = new RowCalls(run.plan.functions.length, urgent);
    await run.memosInUse.during(calls.memos, () =>
      this.#bring({ at, entry, owed, calls }, read, { reason, settled }),
    );
  }

  async #bring(
    { at, entry, owed, calls }: RowToBring,
    read: ReadRow,
    { reason, settled }: { readonly reason: RowReason; readonly settled: RowWrite },
  ): Promise<void> {
    const { run, recorder } = this.#options;
    const { before, key } = at;
    const records = before === noVersion ? null : await recorder.read(key);
    const outputs = recorder.outputsOf(records);
    const stale = this.#staleExports(outputs, reason, owed);
    const evaluated = await this.#evaluate({ at, entry, calls }, read, stale);
    const { owners, forcing } = run;
    const wanted = this.#wantedOutputs(outputs, evaluated);
    const input = { row: recorder.address(key), outputs, wanted, owners, rewrite: forcing.reexport };
    await withRowChange(input, (change) =>
      recorder.land({
        ...at,
        tried: triedRow(entry, read),
        outcome: outcomeOf(before, read),
        reason,
        records,
        change,
        commit: {
          ...settled,
          outputs: encodeOutputRecord({ targets: change.landed }),
          memos: memosOf(change.landed),
          trace: this.#tracer.trace({
            reason,
            before,
            records,
            calls: evaluated.calls,
            targets: change.counts,
          }),
        },
      }),
    );
  }

  /** The exports whose entries of this row are to be made again. */
  #staleExports(
    outputs: ReadonlyMap<number, TargetOutput>,
    reason: RowReason,
    owed: ReadonlySet<number>,
  ): Set<number> {
    const { outlets } = this.#options.logic;
    const some = reason === "logic" || reason === "owner";
    const stale = outlets.filter(
      ({ export: index, target, logic }) => !some || owed.has(index) || outputs.get(target)?.logic !== logic,
    );
    return new Set(stale.map((outlet) => outlet.export));
  }

  async #evaluate(
    { at, entry, calls }: Pick<RowToBring, "at" | "entry" | "calls">,
    read: ReadRow,
    exports: ReadonlySet<number>,
  ): Promise<Evaluated> {
    if (exports.size === 0) return { exports, wanted: new Map(), calls: null };
    const { run, source } = this.#options;
    const program = source.programFor(exports);
    const evaluating = evaluate({
      scope: program.scope,
      slots: source.slots,
      row: rowOf(entry.key, read.value, source),
      caller: { call: (step, args) => run.calls.call(step, args, calls) },
    });
    // A call that does not end must not keep an update from being stopped.
    const entries = isPromise(evaluating) ? await abortable(evaluating, run.signal) : evaluating;
    const identity = { flow: run.plan.flow, source: source.idName, key: at.key };
    return { exports, wanted: run.encoder.encode(identity, program, entries), calls };
  }

  /** Exports that were not evaluated keep what they have; a target that the source no longer feeds loses it. */
  #wantedOutputs(
    outputs: ReadonlyMap<number, TargetOutput>,
    { exports, wanted, calls }: Evaluated,
  ): WantedOutput[] {
    const { logic, targets } = this.#options;
    const memos = [...(calls?.memos ?? [])];
    const made = logic.outlets
      .filter((outlet) => exports.has(outlet.export))
      .map(({ export: index, target, logic: madeWith }) => ({
        target,
        export: index,
        made: { logic: madeWith, memos },
        entries: wanted.get(index) ?? [],
      }));
    const fed = new Set<number>(logic.outlets.map(({ target }) => target));
    const lost = [...outputs.values()].filter(({ target }) => !fed.has(target));
    return [
      ...made,
      ...lost.map(({ target }) => ({ target, export: targets.get(target)!, made: null, entries: [] })),
    ];
  }
}

const nothing: ReadonlySet<number> = new Set();

const noVersion: VersionRecord = { committed: null, pending: false, failures: 0 };

function triedRow(entry: SourceEntry<unknown, unknown>, read: ReadRow | null): TriedRow {
  const version = read?.sourceVersion ?? encodeSourceVersion(entry.ordinal, entry.contentVersion);
  return { version, content: read?.content ?? null };
}

/** Why a row is processed; "version" when only what the source says of it has changed. */
function reasonFor(
  before: VersionRecord,
  read: ReadRow,
  { logic, forced, owed }: { readonly logic: Fingerprint; readonly forced: boolean; readonly owed: boolean },
): RowReason {
  if (before.pending) return "pending";
  if (before.committed === null) return before.failures > 0 ? "failed" : "new";
  if (before.committed.content !== read.content) return "content";
  if (forced) return "forced";
  if (before.committed.logic !== logic) return "logic";
  return owed ? "owner" : "version";
}

/** A source that gives no versions has its rows read each time, and there is nothing to write down. */
function saysTheSame(before: VersionRecord, { sourceVersion }: CommittedVersion): boolean {
  if (before.failures > 0) return false;
  const known = before.committed!.sourceVersion;
  if (known === null || sourceVersion === null) return known === sourceVersion;
  return equalBytes(known, sourceVersion);
}

function outcomeOf(before: VersionRecord, read: ReadRow): RowOutcome {
  if (before.committed === null) return "inserted";
  return before.committed.content === read.content ? "reprocessed" : "updated";
}

/** The row as the flow sees it: the fields of its key and of its value. */
export function rowOf(
  key: unknown,
  value: Readonly<Record<string, unknown>>,
  { step }: PlannedSource,
): Record<string, unknown> {
  return step.keyType.kind === "struct"
    ? { ...(key as Record<string, unknown>), ...value }
    : { key, ...value };
}
