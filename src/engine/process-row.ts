import type { RowOutcome, RowReason } from "../contracts/events.ts";
import type { SourceEntry } from "../contracts/source.ts";
import { abortable } from "../kernel/abortable.ts";
import { isPromise } from "../kernel/maybe-promise.ts";
import type { Semaphore } from "../kernel/semaphore.ts";
import type { PlannedSource } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";
import { evaluate } from "./evaluate.ts";
import { encodeOutputRecord, type TargetOutput } from "./output-record.ts";
import type { ReadRow, RowReader } from "./read.ts";
import { reconcile, type WantedEntry } from "./reconcile.ts";
import { pendingVersion, type RowAtWork, type RowRecorder, type TargetIndex } from "./row-recorder.ts";
import type { ExportWrites, TargetValue } from "./row-work.ts";
import type { Run } from "./run.ts";
import type { SourceLogic } from "./source-logic.ts";
import { decodeVersionRecord, encodeVersionRecord, type VersionRecord } from "./version-record.ts";

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

/** What a row yields now for the exports that were evaluated. */
interface Evaluated {
  readonly exports: ReadonlySet<number>;
  readonly wanted: ReadonlyMap<number, readonly WantedEntry<TargetValue>[]>;
  readonly memos: readonly Fingerprint[];
}

/** Takes the rows of one source through read, evaluate, reconcile and on to landing. */
export class RowProcessor {
  readonly #options: RowProcessorOptions;

  constructor(options: RowProcessorOptions) {
    this.#options = options;
  }

  /** Brings the targets up to a row that the source has. Resolves to false when reading shows that it has it no more. */
  async process(
    entry: SourceEntry<unknown, unknown>,
    key: Uint8Array,
    stored: Uint8Array | null,
  ): Promise<boolean> {
    const { source, reader, recorder, bytes, run } = this.#options;
    const before = stored === null ? noVersion : decodeVersionRecord(stored);
    const at = { key, row: source.formatKey(entry.key), before };
    let held = 0;
    try {
      const read = await reader.read(entry);
      if (read === null) return false;
      await bytes.take(read.size, run.signal);
      held = read.size;
      await this.#processRead(at, entry, read);
    } catch (thrown) {
      await recorder.fail(at, thrown);
    } finally {
      if (held > 0) bytes.release(held);
    }
    return true;
  }

  async #processRead(at: RowAtWork, entry: SourceEntry<unknown, unknown>, read: ReadRow): Promise<void> {
    const { run, logic, recorder } = this.#options;
    const { before, key } = at;
    const reason = reasonFor(before, read, logic.whole, run.forcing.reexport || run.forcing.fullReprocess);
    const committed = { logic: logic.whole, content: read.content, sourceVersion: read.sourceVersion };
    const version = encodeVersionRecord({ committed, pending: false, failures: 0 });
    const settled = { ...recorder.address(key), version, ...(before.failures > 0 ? { failure: null } : {}) };
    if (reason === "version") {
      run.tally.source(this.#options.source.name).unchanged++;
      await run.landing.record(settled);
      return;
    }
    const records = before === noVersion ? null : await recorder.read(key);
    const outputs = recorder.outputsOf(records);
    const evaluated = await this.#evaluate(entry, key, read, this.#staleExports(outputs, reason));
    const { writes, staged, landed } = this.#reconcile(outputs, evaluated);
    await recorder.land({
      ...at,
      outcome: outcomeOf(before, read),
      reason,
      records,
      writes,
      stage: {
        ...recorder.address(key),
        version: pendingVersion(before),
        outputs: encodeOutputRecord({ targets: staged }),
      },
      commit: {
        ...settled,
        outputs: encodeOutputRecord({ targets: landed }),
        memos: [...new Set(landed.flatMap((output) => output.memos))],
      },
    });
  }

  /** The exports whose entries of this row are to be made again. */
  #staleExports(outputs: ReadonlyMap<number, TargetOutput>, reason: RowReason): Set<number> {
    const { outlets } = this.#options.logic;
    const stale = outlets.filter(
      ({ target, logic }) => reason !== "logic" || outputs.get(target)?.logic !== logic,
    );
    return new Set(stale.map((outlet) => outlet.export));
  }

  async #evaluate(
    entry: SourceEntry<unknown, unknown>,
    key: Uint8Array,
    read: ReadRow,
    exports: ReadonlySet<number>,
  ): Promise<Evaluated> {
    if (exports.size === 0) return { exports, wanted: new Map(), memos: [] };
    const { run, source } = this.#options;
    const memos = new Set<Fingerprint>();
    const program = source.programFor(exports);
    const evaluating = evaluate({
      scope: program.scope,
      slots: source.slots,
      row: rowOf(entry.key, read.value, source),
      caller: { call: (step, args) => run.calls.call(step, args, memos) },
    });
    // A call that does not end must not keep an update from being stopped.
    const entries = isPromise(evaluating) ? await abortable(evaluating, run.signal) : evaluating;
    const identity = { flow: run.plan.flow, source: source.name, key };
    return { exports, wanted: run.encoder.encode(identity, program, entries), memos: [...memos] };
  }

  /** Exports that were not evaluated keep what they have; a target that the source no longer feeds loses it. */
  #reconcile(outputs: ReadonlyMap<number, TargetOutput>, { exports, wanted, memos }: Evaluated) {
    const { logic, run, targets } = this.#options;
    const writes: ExportWrites[] = [];
    const staged: TargetOutput[] = [];
    const landed: TargetOutput[] = [];
    const fed = new Set<number>();
    const make = (
      exportIndex: number,
      output: TargetOutput | undefined,
      rows: readonly WantedEntry<TargetValue>[],
    ) => {
      const result = reconcile(output?.entries ?? [], rows, run.forcing.reexport);
      if (result.writes.length > 0) writes.push({ export: exportIndex, writes: result.writes });
      return result;
    };
    for (const { export: index, target, logic: made } of logic.outlets) {
      fed.add(target);
      const output = outputs.get(target);
      if (!exports.has(index)) {
        staged.push(output!);
        landed.push(output!);
        continue;
      }
      const result = make(index, output, wanted.get(index) ?? []);
      staged.push({
        target,
        logic: output?.logic ?? made,
        memos: output?.memos ?? [],
        entries: result.staged,
      });
      landed.push({ target, logic: made, memos, entries: result.landed });
    }
    for (const [target, output] of outputs) {
      if (fed.has(target)) continue;
      staged.push({ ...output, entries: make(targets.get(target)!, output, []).staged });
    }
    return { writes, staged, landed };
  }
}

const noVersion: VersionRecord = { committed: null, pending: false, failures: 0 };

/** Why a row is processed; "version" when only what the source says of it has changed. */
function reasonFor(before: VersionRecord, read: ReadRow, logic: Fingerprint, forced: boolean): RowReason {
  if (before.pending) return "pending";
  if (before.committed === null) return before.failures > 0 ? "failed" : "new";
  if (before.committed.content !== read.content) return "content";
  if (forced) return "forced";
  return before.committed.logic === logic ? "version" : "logic";
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
