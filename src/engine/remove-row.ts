import { encodeOutputRecord, type TargetOutput } from "./output-record.ts";
import { reconcile } from "./reconcile.ts";
import { pendingVersion, type RowRecorder, type TargetIndex } from "./row-recorder.ts";
import type { ExportWrites } from "./row-work.ts";
import type { Run } from "./run.ts";
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
    const at = { key, row: this.#format(key), before: decodeVersionRecord(stored) };
    try {
      const records = await this.#recorder.read(key);
      const { writes, staged } = this.#deletions(this.#recorder.outputsOf(records));
      const address = this.#recorder.address(key);
      await this.#recorder.land({
        ...at,
        outcome: "deleted",
        reason: "gone",
        records,
        writes,
        stage: {
          ...address,
          version: pendingVersion(at.before),
          outputs: encodeOutputRecord({ targets: staged }),
        },
        commit: { ...address, version: null, outputs: null, failure: null, memos: [] },
      });
    } catch (thrown) {
      await this.#recorder.fail(at, thrown);
    }
  }

  #deletions(outputs: ReadonlyMap<number, TargetOutput>): { writes: ExportWrites[]; staged: TargetOutput[] } {
    const writes: ExportWrites[] = [];
    const staged: TargetOutput[] = [];
    for (const [target, output] of outputs) {
      const result = reconcile(output.entries, [], this.#run.forcing.reexport);
      if (result.writes.length > 0)
        writes.push({
          export: this.#targets.get(target)!,
          writes: result.writes.map(({ key }) => ({ key, value: null })),
        });
      staged.push({ ...output, entries: result.staged });
    }
    return { writes, staged };
  }
}
