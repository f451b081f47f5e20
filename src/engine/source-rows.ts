import type { SourceEntry } from "../contracts/source.ts";
import type { RowRecords, SourceId } from "../contracts/state-store.ts";
import type { SluiceError } from "../errors/index.ts";
import { Semaphore } from "../kernel/semaphore.ts";
import type { PlannedSource } from "../plan/index.ts";
import { type OpenSource, openSource } from "./open-source.ts";
import { type RowMarks, RowProcessor } from "./process-row.ts";
import { RowReader } from "./read.ts";
import { RowRemover } from "./remove-row.ts";
import { RowQueue } from "./row-queue.ts";
import { RowRecorder } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import { type SourceLogic, sourceLogic } from "./source-logic.ts";
import { decodeStoredKey, storedKeyText } from "./stored-key.ts";
import type { TargetIndex } from "./target-index.ts";

export interface SourceRowsOptions {
  readonly run: Run;
  readonly source: PlannedSource;
  readonly id: SourceId;
  readonly targets: TargetIndex;
}

/** The rows of an open source: takes each through the row pipeline, and says what becomes of it. */
export class SourceRows {
  readonly run: Run;
  readonly source: PlannedSource;
  readonly id: SourceId;
  readonly logic: SourceLogic;
  readonly #opened: OpenSource;
  readonly #processor: RowProcessor;
  readonly #remover: RowRemover;
  readonly #slots: Semaphore | null;
  readonly #recorder: RowRecorder;

  constructor(options: SourceRowsOptions, opened: OpenSource) {
    const { run, source, id, targets } = options;
    const { maxInflightRows, maxInflightBytes } = source.step.options;
    const recorder = new RowRecorder(run, source.name, id, targets);
    const logic = sourceLogic(source, run.bindings);
    this.run = run;
    this.source = source;
    this.id = id;
    this.logic = logic;
    this.#recorder = recorder;
    this.#opened = opened;
    this.#processor = new RowProcessor({
      run,
      source,
      reader: new RowReader(run, source, opened.connection),
      recorder,
      logic,
      targets,
      bytes: maxInflightBytes === null ? run.bytes : new Semaphore(maxInflightBytes),
    });
    this.#remover = new RowRemover(run, recorder, targets, (key) => storedKeyText(source, key));
    this.#slots = maxInflightRows === null ? null : new Semaphore(maxInflightRows);
  }

  /** Null, and reported, where the source cannot be opened. */
  static async open(options: SourceRowsOptions): Promise<SourceRows | null> {
    const opened = await openSource(options.run, options.source);
    return opened && new SourceRows(options, opened);
  }

  get connection(): unknown {
    return this.#opened.connection;
  }

  /** Rows whose last attempt failed. */
  get failing(): number {
    return this.#recorder.failing;
  }

  /** Rows in work side by side, within the limits that all of the source's rows share. */
  openQueue(): RowQueue {
    return new RowQueue(this.run, this.source.name, this.#slots);
  }

  /** Brings the targets up to a row. Resolves to false when reading shows that the source has it no more. */
  process(entry: SourceEntry<unknown, unknown>, key: Uint8Array, marks: RowMarks): Promise<boolean> {
    return this.#processor.process(entry, key, marks);
  }

  /** Takes away what a row yielded. */
  remove(key: Uint8Array, stored: Uint8Array): Promise<void> {
    return this.#remover.remove(key, stored);
  }

  records(key: Uint8Array): Promise<RowRecords> {
    return this.#recorder.read(key);
  }

  /** A row's key from its encoding; undefined where that is not to be had. */
  decodeKey(key: Uint8Array): unknown {
    return decodeStoredKey(this.source, key);
  }

  /** A row's key as text for people. */
  rowText(key: Uint8Array): string {
    return storedKeyText(this.source, key);
  }

  reportFailure(key: Uint8Array, error: SluiceError): void {
    this.#recorder.reportFailure(this.rowText(key), error);
  }

  close(): Promise<void> {
    return this.#opened.close();
  }
}
