import type { TargetOutput } from "./output-record.ts";
import { type WantedOutput, withRowChange } from "./row-change.ts";
import type { RowRecorder } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import type { TargetIndex } from "./target-index.ts";
import { decodeVersionRecord } from "./version-record.ts";

/** Removes what rows yielded that their source has no more. */
export class RowRemover {
  readonly #run: Run;
  readonly #recorder: RowRecorder;
  readonly #targets: TargetIndex;
  readonly #format: (key: Uint8Array) => string;

  /** `format` says a row's encoded key in words. */
  constructor(run: Run, recorder: RowRecorder, targets: TargetIndex, format: (key: Uint8Array) => string) {
    this.#run = run;
    this.#recorder = recorder;
    this.#targets = targets;
    this.#format = format;
  }

  async remove(key: Uint8Array, stored: Uint8Array): Promise<void> {
    const at = { key, row: this.#format(key), before: decodeVersionRecord(stored), removal: true as const };
    try {
      const records = await this.#recorder.read(key);
      const row = this.#recorder.address(key);
      const outputs = this.#recorder.outputsOf(records);
      const { owners, forcing } = this.#run;
      const input = { row, outputs, wanted: this.#nothing(outputs), owners, rewrite: forcing.reexport };
      const commit = { ...row, version: null, outputs: null, failure: null, trace: null, memos: [] };
      await withRowChange(input, (change) =>
        this.#recorder.land({ ...at, outcome: "deleted", reason: "gone", records, change, commit }),
      );
    } catch (thrown) {
      await this.#recorder.fail(at, thrown);
    }
  }

  #nothing(outputs: ReadonlyMap<number, TargetOutput>): WantedOutput[] {
    return [...outputs.values()].map(({ target }) => ({
      target,
      export: this.#targets.get(target)!,
      made: null,
      entries: [],
    }));
  }
}
