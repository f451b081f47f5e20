import { bytesToHex } from "../kernel/bytes.ts";
import type { GoneSource } from "./bindings.ts";
import { hasRows } from "./has-rows.ts";
import { RowRemover } from "./remove-row.ts";
import { RowQueue } from "./row-queue.ts";
import { RowRecorder, type TargetIndex } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import { ScanCursor } from "./scan-cursor.ts";

/**
 * Removes everything that a source yielded which has left the definition. Resolves to whether all of it is gone: a
 * row whose removal failed is tracked until a later update succeeds.
 */
export async function cleanGoneSource(run: Run, source: GoneSource, targets: TargetIndex): Promise<boolean> {
  run.tally.report({ kind: "source-started", source: source.name });
  const recorder = new RowRecorder(run, source.name, source.id, targets);
  const remover = new RowRemover(run, recorder, targets, bytesToHex);
  const cursor = new ScanCursor(run.store.scan(run.flow, source.id));
  const queue = new RowQueue(run, source.name);
  try {
    while (await cursor.advance()) {
      const [key, stored] = [cursor.copyKey(), cursor.copyRecord()];
      await queue.start(() => remover.remove(key, stored));
    }
  } finally {
    cursor.close();
    await queue.settle();
  }
  return !(await hasRows(run.store, run.flow, [source.id]));
}
