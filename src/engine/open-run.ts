import { Activity, patientClock } from "../kernel/activity.ts";
import type { Clock } from "../kernel/clock.ts";
import { encodeDoubt, takeUpDoubts } from "./doubts.ts";
import { FunctionCalls } from "./function-calls.ts";
import { Landing } from "./landing.ts";
import { Memos } from "./memos.ts";
import { buildOwnerIndexes, reorderOwners } from "./owner-upkeep.ts";
import { Owners } from "./owners.ts";
import type { Forcing, Run } from "./run.ts";
import type { Tally } from "./tally.ts";
import type { Recovery } from "./target-kind.ts";
import { TargetKinds } from "./target-kinds.ts";
import type { UpdateOptions } from "./update-options.ts";
import { EntryEncoder } from "./wanted-entries.ts";

/** What a run that goes on after its first pass wants to know. */
export interface RunHooks {
  /** Target keys were left to be settled. */
  owed(): void;
  readonly recovery: Recovery;
}

export interface OpenRun {
  readonly run: Run;
  /** Lands what is staged, and closes the targets. Throws what ended the run. */
  close(): Promise<void>;
}

/** Opens what the steps of an update share, after making good what rests on all records together. */
export async function openRun(
  options: UpdateOptions,
  tally: Tally,
  hooks: RunHooks | null = null,
): Promise<OpenRun> {
  await keepUp(options);
  const kinds = new TargetKinds(options, tally.report, hooks?.recovery ?? null);
  const activity = new Activity(options.clock);
  const landing = landingOf(options, { tally, kinds, hooks, activity });
  const patient = hooks === null ? patientClock(options.clock, activity) : options.clock;
  const run = runOf(options, { tally, landing, activity, patient });
  const close = async () => {
    try {
      await landing.drain();
    } finally {
      await kinds.close();
    }
  };
  return { run, close };
}

/** Before any row is looked at. */
async function keepUp(options: UpdateOptions): Promise<void> {
  const { build, reorder } = options.bindings.overdue;
  await takeUpDoubts(options);
  if (build.length > 0) await buildOwnerIndexes(options);
  if (reorder) await reorderOwners(options);
  if (build.length > 0 || reorder) await options.ownersKeptUp();
}

interface LandingParts {
  readonly tally: Tally;
  readonly kinds: TargetKinds;
  readonly hooks: RunHooks | null;
  readonly activity: Activity;
}

function landingOf(options: UpdateOptions, { tally, kinds, hooks, activity }: LandingParts): Landing {
  const { store, signal, flow } = options;
  return new Landing({
    store,
    fence: () => options.fence(),
    report: tally.report,
    signal,
    apply: (work) => kinds.write(work),
    doubt: (staged) => store.addDoubt(flow, encodeDoubt(staged)),
    owed: () => hooks?.owed(),
    // While it is live, what is told is to arrive soon, and much that comes together is rare.
    lull: hooks === null ? () => activity.lull() : null,
  });
}

interface RunParts {
  readonly tally: Tally;
  readonly landing: Landing;
  readonly activity: Activity;
  /** For what is done better with more of its kind. */
  readonly patient: Clock;
}

function runOf(options: UpdateOptions, { tally, landing, activity, patient }: RunParts): Run {
  const { plan, flow, bindings, store, policies, clock, random, signal, limits } = options;
  const { functions } = plan;
  const forcing = (): Forcing => run.forcing;
  const memos = new Memos({
    read: (fingerprints) => store.readMemos(fingerprints),
    keep: (memo, stored) => landing.keepMemo(memo, stored),
    report: tally.report,
    ignoreStored: () => forcing().fullReprocess,
  });
  const shapes = plan.exports.map((planned, index) => ({
    planned,
    schemaVersion: bindings.targets[index]!.schemaVersion,
  }));
  const run: Run = {
    plan,
    flow,
    bindings,
    store,
    clock,
    random,
    sourceContext: { appDirectory: options.appDirectory, clock },
    signal,
    forcing: options.forcing,
    allowDeletions: options.allowDeletions,
    activity,
    calls: new FunctionCalls({
      functions,
      memos,
      policies,
      clock: patient,
      random,
      signal,
      report: tally.report,
    }),
    memosInUse: options.memosInUse,
    encoder: new EntryEncoder(shapes),
    landing,
    tally,
    owners: new Owners({ store, flow, plan, bindings, rewrite: () => forcing().reexport, signal }),
    failedRows: new Set(),
    failedAnew: new Set(),
    rows: limits.rows,
    bytes: limits.bytes,
  };
  return run;
}
