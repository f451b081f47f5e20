import type { RowOutcome, RowReason } from "../contracts/events.ts";
import type { RowAddress, RowRecords, RowWrite, SourceId } from "../contracts/state-store.ts";
import { type SluiceError, toSluiceError } from "../errors/index.ts";
import { bytesToHex, bytesToMapKey } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/index.ts";
import { decodeFailureRecord, encodeFailureRecord, nextFailure } from "./failure-record.ts";
import { decodeOutputRecord, encodeOutputRecord, type TargetOutput } from "./output-record.ts";
import type { RowChange } from "./row-change.ts";
import type { RecordWrite } from "./row-work.ts";
import type { Run } from "./run.ts";
import type { TargetIndex } from "./target-index.ts";
import { encodeVersionRecord, type VersionRecord } from "./version-record.ts";

/** A row that is being processed. */
export interface RowAtWork {
  readonly key: Uint8Array;
  /** The key as text for people. */
  readonly row: string;
  readonly before: VersionRecord;
  /** It is being removed, since its source has it no more. */
  readonly removal?: true;
  /** What of it is tried, as far as that is known. */
  readonly tried?: TriedRow;
  /** When a watcher told of the change, by the monotonic clock. */
  readonly toldAt?: number | undefined;
}

/** A row as it is tried. */
export interface TriedRow {
  /** What the source said of it. */
  readonly version: Uint8Array | null;
  readonly content: Fingerprint | null;
}

export interface RowLanding extends RowAtWork {
  readonly outcome: RowOutcome;
  readonly reason: RowReason;
  /** What was stored of the row, where it was read. */
  readonly records: RowRecords | null;
  readonly change: RowChange;
  readonly commit: RowWrite;
}

/** Reads and writes what the store keeps of one source's rows, and says what became of them. */
export class RowRecorder {
  readonly #run: Run;
  readonly #source: string;
  readonly #id: SourceId;
  readonly #targets: TargetIndex;
  #failing = 0;

  constructor(run: Run, source: string, id: SourceId, targets: TargetIndex) {
    this.#run = run;
    this.#source = source;
    this.#id = id;
    this.#targets = targets;
  }

  /** Rows whose last attempt failed. */
  get failing(): number {
    return this.#failing;
  }

  address(key: Uint8Array): RowAddress {
    return { source: this.#id, key };
  }

  async read(key: Uint8Array): Promise<RowRecords> {
    const [records] = await this.#run.store.readRows(this.#run.flow, [this.address(key)]);
    return records!;
  }

  /** What the row may have, by target id. What is recorded of targets that are not set up any more is forgotten. */
  outputsOf(records: RowRecords | null): Map<number, TargetOutput> {
    if (!records?.outputs) return new Map();
    const { targets } = decodeOutputRecord(records.outputs);
    return new Map(
      targets.filter(({ target }) => this.#targets.has(target)).map((output) => [output.target, output]),
    );
  }

  async land(landing: RowLanding): Promise<void> {
    const { row, outcome, reason, change, records } = landing;
    const stage = change.writes.length === 0 ? null : this.#stage(landing);
    const error = await this.#run.landing.land({
      writes: change.writes,
      stage,
      commit: { row: commitAfter(stage, landing.commit), owners: change.ownersLanded },
      failed: (refused) => ({ row: this.#failureWrite(landing, refused, true, records), owners: [] }),
    });
    if (error) return this.#reportRow(landing, error);
    this.#forgetFailure(landing.key);
    const { clock, tally } = this.#run;
    const lag = landing.toldAt === undefined ? {} : { lagMs: clock.monotonic() - landing.toldAt };
    tally.report({ kind: "row-done", source: this.#source, row, outcome, reason, ...lag });
  }

  /** Records that all is as it should be with a row that has nothing to land. */
  async settle(key: Uint8Array, row: RowWrite): Promise<void> {
    await this.#run.landing.record({ row, owners: [] });
    this.#forgetFailure(key);
  }

  #forgetFailure(key: Uint8Array): void {
    const { failedRows, failedAnew } = this.#run;
    if (failedRows.size === 0) return;
    const name = rowName(this.address(key));
    if (failedRows.delete(name)) this.#failing--;
    failedAnew.delete(name);
  }

  #stage({ key, before, change }: RowLanding): RecordWrite {
    const outputs = encodeOutputRecord({ targets: change.staged });
    return {
      row: {
        ...this.address(key),
        version: encodeVersionRecord({ ...before, pending: true }),
        outputs,
        // Already here, so that results which come in the same transaction are never without a reference.
        memos: memosOf([...change.staged, ...change.landed]),
      },
      owners: change.ownersStaged,
    };
  }

  /** A failure is kept beside what was committed; it never moves the row's version on. Throws what ends the update. */
  async fail(at: RowAtWork, thrown: unknown): Promise<void> {
    const { signal, landing } = this.#run;
    const error = toSluiceError(thrown, "internal");
    if (signal.aborted || error.code === "interrupted") return;
    if (error.exitCode !== 1) throw this.#placed(at.row, error);
    const records = at.before.failures > 0 ? await this.read(at.key) : null;
    await landing.record({ row: this.#failureWrite(at, error, at.before.pending, records), owners: [] });
    this.#reportRow(at, error);
  }

  #reportRow(at: RowAtWork, error: SluiceError): void {
    const name = rowName(this.address(at.key));
    if (!this.#run.failedRows.has(name)) this.#failing++;
    this.#run.failedRows.add(name);
    if (at.before.committed === null && !at.removal) this.#run.failedAnew.add(name);
    this.reportFailure(at.row, error);
  }

  #failureWrite(at: RowAtWork, refused: SluiceError, pending: boolean, records: RowRecords | null): RowWrite {
    const earlier = records?.failure ? decodeFailureRecord(records.failure) : null;
    const failures = at.before.failures + 1;
    const error = this.#placed(at.row, refused);
    return {
      ...this.address(at.key),
      version: encodeVersionRecord({ committed: at.before.committed, pending, failures }),
      failure: encodeFailureRecord({
        ...nextFailure(error, earlier, this.#run),
        removal: at.removal ?? false,
        tried: at.tried ? { ...at.tried, version: at.tried.version && bytesToHex(at.tried.version) } : null,
      }),
    };
  }

  /** Of a row that was not run: one that did would not be run again in this update. */
  reportFailure(row: string, error: SluiceError): void {
    this.#run.tally.report({
      kind: "row-failed",
      source: this.#source,
      row,
      error: this.#placed(row, error),
    });
  }

  #placed(row: string, error: SluiceError): SluiceError {
    return error.at({ flow: this.#run.plan.flow, source: this.#source, row });
  }
}

/** What is left to write of a commit after a stage, which refers to all the memos of the commit already. */
function commitAfter(stage: RecordWrite | null, { memos, ...commit }: RowWrite): RowWrite {
  if (memos === undefined || memos.length === stage?.row?.memos?.length) return commit;
  return { ...commit, memos };
}

/** The memos that making these used, each once. */
export function memosOf(outputs: readonly TargetOutput[]): readonly Fingerprint[] {
  const using = outputs.filter(({ memos }) => memos.length > 0);
  // Each names none twice.
  if (using.length === 1) return using[0]!.memos;
  return [...new Set(using.flatMap(({ memos }) => memos))];
}

/** Names a row in a set. */
export function rowName({ source, key }: RowAddress): string {
  return `${source}:${bytesToMapKey(key)}`;
}
