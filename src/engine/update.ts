import type { UpdateInfo } from "../contracts/events.ts";
import type { SourceId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { allOf } from "../kernel/all-of.ts";
import { cleanUp, isWhole } from "./clean-up.ts";
import { openRun } from "./open-run.ts";
import { SourcePass } from "./pass.ts";
import type { Run } from "./run.ts";
import { settleOwed } from "./settle-owed.ts";
import { SourceRows } from "./source-rows.ts";
import { Tally } from "./tally.ts";
import { type TargetIndex, targetIndex } from "./target-index.ts";
import type { UpdateOptions } from "./update-options.ts";

/**
 * One update: makes the targets at least as fresh as the sources were when it began. Rows that fail and
 * listings that are incomplete are in the info that it resolves to; it rejects when it was stopped, or when
 * the store failed.
 */
export async function runUpdate(options: UpdateOptions): Promise<UpdateInfo> {
  const { plan, clock } = options;
  const began = clock.monotonic();
  const tally = new Tally(plan, options.report, () => clock.monotonic() - began);
  tally.report({ kind: "update-started", flow: plan.flow });
  const { run, close } = await openRun(options, tally);
  try {
    await passOverAll(run, options);
  } catch (thrown) {
    // What keeps it from landing is no news beside that.
    await close().catch(() => {});
    throw thrown;
  }
  await close();
  // Rows that were on their way when it was stopped have no outcome: what was done is no whole update.
  if (options.signal.aborted) throw new SluiceError("interrupted", "the update was stopped");
  const info = tally.info();
  tally.report({ kind: "update-finished", info });
  if (tally.reportFailure) throw tally.reportFailure.thrown;
  return info;
}

/**
 * Sources that left the definition come last: what others yield by now is handed over, not deleted and written again.
 * Then every target key that is owed something gets it.
 */
async function passOverAll(run: Run, options: UpdateOptions): Promise<void> {
  const { bindings, rows } = options;
  const targets = targetIndex(bindings);
  const passes = await openPasses(run, targets);
  try {
    await allOf([...passes].map(([id, pass]) => (rows ? pass.revisit(rows(id)) : pass.list())));
    const clean = rows !== null || isWhole(run, [...passes.values()]);
    const cleaned = clean ? (await cleanUp({ run, targets, options, remains: bindings })).gone : [];
    await settleOwed({ run, heirs: passes, targets });
    if (cleaned.length > 0) await options.forgetSources(cleaned);
  } finally {
    await Promise.all([...passes.values()].map((pass) => pass.close()));
  }
}

async function openPasses(run: Run, targets: TargetIndex): Promise<Map<SourceId, SourcePass>> {
  const passes = new Map<SourceId, SourcePass>();
  const opening = run.plan.sources.map(async (source) => {
    const id = run.bindings.sources.get(source.name)!;
    run.tally.report({ kind: "source-started", source: source.name });
    const rows = await SourceRows.open({ run, source, id, targets });
    if (rows) passes.set(id, new SourcePass(rows));
  });
  await allOf(opening);
  return passes;
}
