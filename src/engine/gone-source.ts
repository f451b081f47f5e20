import type { SourceId } from "../contracts/state-store.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import type { GoneSource } from "./bindings.ts";
import { RowRemover } from "./remove-row.ts";
import { RowQueue } from "./row-queue.ts";
import { RowRecorder } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import { ScanCursor } from "./scan-cursor.ts";
import type { TargetIndex } from "./target-index.ts";

export interface GoneOptions {
  readonly targets: TargetIndex;
  /** Only these rows; null: all of them. */
  readonly rows: ((source: SourceId) => AsyncIterable<Uint8Array>) | null;
}

/**
 * Removes everything that a source yielded which has left the definition. Resolves to whether all of it is gone: a
 * row whose removal failed is tracked until a later update succeeds.
 */
export async function cleanGoneSource(
  run: Run,
  source: GoneSource,
  { targets, rows }: GoneOptions,
): Promise<boolean> {
  run.tally.report({ kind: "source-started", source: source.name });
  const recorder = new RowRecorder(run, source.name, source.id, targets);
  const remover = new RowRemover(run, recorder, targets, bytesToHex);
  const queue = new RowQueue(run, source.name);
  try {
    for await (const key of rows ? rows(source.id) : trackedKeys(run, source.id)) {
      const [stored] = await run.store.readVersions(run.flow, [{ source: source.id, key }]);
      if (stored) await queue.start(() => remover.remove(key, stored));
    }
  } finally {
    await queue.settle();
  }
  return (await run.store.countRows(run.flow, source.id)) === 0;
}

async function* trackedKeys(run: Run, source: SourceId): AsyncGenerator<Uint8Array> {
  const cursor = new ScanCursor(run.store.scan(run.flow, source));
  try {
    while (await cursor.advance()) yield cursor.copyKey();
  } finally {
    cursor.close();
  }
}
