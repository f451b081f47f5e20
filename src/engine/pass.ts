import type { SourceId } from "../contracts/state-store.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import { Semaphore } from "../kernel/semaphore.ts";
import type { PlannedSource } from "../plan/index.ts";
import { compareOrdered, compareUnordered, type Findings } from "./compare.ts";
import { holdDeletions } from "./deletion-guard.ts";
import { type Listing, listRows } from "./list.ts";
import { openSource } from "./open-source.ts";
import { RowProcessor } from "./process-row.ts";
import { RowReader } from "./read.ts";
import { RowRemover } from "./remove-row.ts";
import { RowQueue } from "./row-queue.ts";
import { RowRecorder, type TargetIndex } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import { sourceLogic } from "./source-logic.ts";

export interface PassOptions {
  readonly run: Run;
  readonly source: PlannedSource;
  readonly id: SourceId;
  readonly targets: TargetIndex;
}

/**
 * One pass over one source: what its listing names and the store does not have as it is now goes through the
 * row pipeline; what the store has and a complete listing does not name is removed.
 */
export async function passOverSource(options: PassOptions): Promise<void> {
  const { run, source } = options;
  run.tally.report({ kind: "source-started", source: source.name });
  const opened = await openSource(run, source);
  if (opened === null) return;
  try {
    await pass(options, opened.connection);
  } finally {
    await opened.close();
  }
}

async function pass({ run, source, id, targets }: PassOptions, connection: unknown): Promise<void> {
  const logic = sourceLogic(source, run.bindings);
  const { maxInflightRows, maxInflightBytes } = source.step.options;
  const recorder = new RowRecorder(run, source.name, id, targets);
  const reader = new RowReader(run, source, connection);
  const bytes = maxInflightBytes === null ? run.bytes : new Semaphore(maxInflightBytes);
  const processor = new RowProcessor({ run, source, reader, recorder, logic, targets, bytes });
  const queue = new RowQueue(run, source.name, maxInflightRows);
  const gone: { readonly key: Uint8Array; readonly stored: Uint8Array }[] = [];
  const stats = run.tally.source(source.name);
  const census = { tracked: 0, there: 0 };
  const findings: Findings = {
    unchanged: () => {
      stats.unchanged++;
      census.tracked++;
      census.there++;
    },
    changed: ({ entry, key }, stored) => {
      if (stored !== null) census.tracked++;
      return queue.start(async () => {
        const there = await processor.process(entry, key, stored);
        if (there) census.there++;
        else if (stored !== null) gone.push({ key, stored });
      });
    },
    gone: (key, stored) => {
      census.tracked++;
      gone.push({ key, stored });
    },
  };
  const listing: Listing = { rows: 0, complete: true };
  const compare = source.definition.ordered ? compareOrdered : compareUnordered;
  const pages = listRows(run, source, connection, listing);
  const all = run.forcing.reexport || run.forcing.fullReprocess;
  try {
    await compare({ run, source: id, pages, logic: logic.wholeBytes, all, findings });
  } finally {
    await queue.settle();
  }
  run.tally.report({
    kind: "source-listed",
    source: source.name,
    rows: listing.rows,
    complete: listing.complete,
  });
  if (!listing.complete) return;
  const place = { flow: run.plan.flow, source: source.name };
  const held = holdDeletions(place, { ...census, gone: gone.length }, run.allowDeletions);
  if (held) return run.tally.report({ kind: "deletions-held", ...held });
  const remover = new RowRemover(run, recorder, targets, (key) => storedKeyText(source, key));
  try {
    for (const { key, stored } of gone) await queue.start(() => remover.remove(key, stored));
  } finally {
    await queue.settle();
  }
}

/** A key that was stored in words. One of another type is left of a source whose key schema has changed since. */
function storedKeyText(source: PlannedSource, key: Uint8Array): string {
  try {
    return source.formatKey(source.keyCodec.decode(key));
  } catch {
    return bytesToHex(key);
  }
}
