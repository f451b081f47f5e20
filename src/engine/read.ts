import type { SourceEntry, SourceValue } from "../contracts/source.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { abortable } from "../kernel/abortable.ts";
import { LentSignal } from "../kernel/lent-signal.ts";
import { isPromise } from "../kernel/maybe-promise.ts";
import type { PlannedSource } from "../plan/index.ts";
import { type Fingerprint, normalizer, schemaNeedsParse } from "../values/index.ts";
import { withRetry } from "./retry.ts";
import type { ReadingRun } from "./run.ts";
import { encodeSourceVersion } from "./source-version.ts";

/** A row's value as it is now. */
export interface ReadRow {
  readonly value: Readonly<Record<string, unknown>>;
  readonly content: Fingerprint;
  /** Bytes of the value's encoding. */
  readonly size: number;
  /** What the source said of this very value. */
  readonly sourceVersion: Uint8Array | null;
}

/** Reads and checks the values of one source's rows. */
export class RowReader {
  readonly #run: ReadingRun;
  readonly #source: PlannedSource;
  readonly #connection: unknown;
  readonly #check: (value: unknown) => unknown;

  constructor(run: ReadingRun, source: PlannedSource, connection: unknown) {
    this.#run = run;
    this.#source = source;
    this.#connection = connection;
    this.#check = valueCheck(source);
  }

  /** Null when the row is gone. */
  async read(entry: SourceEntry<unknown, unknown>): Promise<ReadRow | null> {
    const found =
      entry.value === undefined ? await this.#getValue(entry.key) : (entry as SourceValue<unknown>);
    this.#run.tally.source(this.#source.name).read++;
    if (found === null) return null;
    const value = this.#check(found.value) as Readonly<Record<string, unknown>>;
    const { fingerprint, size } = this.#source.valueCodec.digest(value);
    return {
      value,
      content: fingerprint,
      size,
      sourceVersion: encodeSourceVersion(found.ordinal, found.contentVersion),
    };
  }

  async #getValue(key: unknown): Promise<SourceValue<unknown> | null> {
    const { clock, signal, tally } = this.#run;
    const what = `reading a row of source ${this.#source.name}`;
    const attempt = () => {
      const lent = new LentSignal(signal);
      const value = lent.during(() => this.#source.definition.getValue(this.#connection, key, lent));
      return isPromise(value) ? abortable(value, signal) : value;
    };
    try {
      return await withRetry(attempt, { clock, signal, report: tally.report, what });
    } catch (thrown) {
      throw toSluiceError(thrown, "source-read-failed");
    }
  }
}

function valueCheck({ definition, step }: PlannedSource): (value: unknown) => unknown {
  const normalize = normalizer(step.valueType);
  const needsParse = schemaNeedsParse(definition.value);
  return (value) => {
    try {
      if (!needsParse) return normalize(value);
      const result = definition.value.safeParse(value);
      if (result.success) return normalize(result.data);
      const issue = result.error.issues[0]!;
      throw new SluiceError(
        "source-value-invalid",
        [issue.path.map(String).join("."), issue.message].filter(Boolean).join(": "),
      );
    } catch (thrown) {
      const { message } = toSluiceError(thrown, "source-value-invalid");
      throw new SluiceError(
        "source-value-invalid",
        `the source yielded a value that does not fit: ${message}`,
        { cause: thrown },
      );
    }
  };
}
