import type { CallPolicies } from "../contracts/call-policy.ts";
import type { Report, UpdateInfo } from "../contracts/events.ts";
import type { Fence, FlowId, StateStore } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Semaphore } from "../kernel/semaphore.ts";
import type { Plan } from "../plan/index.ts";
import type { Bindings, GoneSource } from "./bindings.ts";
import { FunctionCalls } from "./function-calls.ts";
import { cleanGoneSource } from "./gone-source.ts";
import { hasRows } from "./has-rows.ts";
import { Landing } from "./landing.ts";
import { Memos } from "./memos.ts";
import { passOverSource } from "./pass.ts";
import { type RowWork, sizeOf } from "./row-work.ts";
import type { Forcing, Run } from "./run.ts";
import { Tally } from "./tally.ts";
import { TargetKind } from "./target-kind.ts";
import { EntryEncoder } from "./wanted-entries.ts";

/** What bounds the memory and the patience of an update. */
export interface UpdateLimits {
  /** Rows and bytes in flight, shared with whatever else the process updates. */
  readonly rows: Semaphore;
  readonly bytes: Semaphore;
  readonly mutateTimeoutMs: number;
}

export interface UpdateOptions {
  readonly plan: Plan;
  readonly flow: FlowId;
  readonly bindings: Bindings;
  /** As it is at the time of a write. */
  fence(): Fence;
  /** Forgets sources whose rows were all removed. */
  forgetSources(sources: readonly GoneSource[]): Promise<void>;
  readonly store: StateStore;
  readonly policies: CallPolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly appDirectory: string;
  readonly limits: UpdateLimits;
  readonly forcing: Forcing;
  readonly report: Report;
  readonly signal: AbortSignal;
}

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
  const { sources, gone } = options.bindings;
  const tracked = [...sources.values(), ...gone.map(({ id }) => id)];
  // A first build has no rows, and so none that gives up a target key.
  const kinds = new TargetKinds(options, tally, await hasRows(options.store, options.flow, tracked));
  const run = openRun(options, tally, kinds);
  try {
    await passOverAll(run, options);
    await run.landing.drain();
  } finally {
    await run.landing.drain().catch(() => {});
    await kinds.close();
  }
  // Rows that were on their way when it was stopped have no outcome: what was done is no whole update.
  if (options.signal.aborted) throw new SluiceError("interrupted", "the update was stopped");
  const info = tally.info();
  tally.report({ kind: "update-finished", info });
  if (tally.reportFailure) throw tally.reportFailure.thrown;
  return info;
}

/** Sources that left the definition go first: a source that took over their target keys then writes them again. */
async function passOverAll(run: Run, { bindings, forgetSources }: UpdateOptions): Promise<void> {
  const targets = new Map(bindings.targets.map(({ id }, index) => [id as number, index]));
  const cleaned: GoneSource[] = [];
  for (const source of bindings.gone) if (await cleanGoneSource(run, source, targets)) cleaned.push(source);
  if (cleaned.length > 0) await forgetSources(cleaned);
  const left = bindings.gone.find((source) => !cleaned.includes(source));
  if (left) return holdSources(run, left);
  const passes = run.plan.sources.map((source) => {
    const id = bindings.sources.get(source.name)!;
    return passOverSource({ run, source, id, targets });
  });
  const results = await Promise.allSettled(passes);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

function openRun(options: UpdateOptions, tally: Tally, kinds: TargetKinds): Run {
  const { plan, bindings, store, policies, clock, random, signal, limits, forcing } = options;
  const { functions } = plan;
  const landing = new Landing({
    store,
    fence: () => options.fence(),
    report: tally.report,
    signal,
    apply: (work) => kinds.write(work),
  });
  const memos = new Memos({
    read: (fingerprints) => store.readMemos(fingerprints),
    keep: (memo, stored) => landing.keepMemo(memo, stored),
    report: tally.report,
    ignoreStored: forcing.fullReprocess,
  });
  const shapes = plan.exports.map((planned, index) => ({
    planned,
    schemaVersion: bindings.targets[index]!.schemaVersion,
  }));
  return {
    plan,
    flow: options.flow,
    bindings,
    store,
    clock,
    sourceContext: { appDirectory: options.appDirectory, clock },
    signal,
    forcing,
    calls: new FunctionCalls({ functions, memos, policies, clock, random, signal, report: tally.report }),
    encoder: new EntryEncoder(shapes),
    landing,
    tally,
    rows: limits.rows,
    bytes: limits.bytes,
  };
}

/**
 * Rows of a source that left are still in the targets. A source that has taken over their keys must not write them
 * yet: the removal that is still to come would take its rows away.
 */
function holdSources(run: Run, left: GoneSource): void {
  for (const { name } of run.plan.sources) {
    const message = `not looked at: rows of source ${left.name}, which left the flow, could not be removed yet`;
    const error = new SluiceError("listing-incomplete", message, {
      where: { flow: run.plan.flow, source: name },
      hint: "Mend what keeps the targets from deleting, and update again.",
    });
    run.tally.report({ kind: "source-incomplete", source: name, error });
  }
}

/** The kinds of target that a flow writes to, each on its own. */
class TargetKinds {
  readonly #byName = new Map<string, TargetKind>();
  readonly #plan: Plan;

  constructor(options: UpdateOptions, tally: Tally, mayDelete: boolean) {
    const { plan, appDirectory, clock, random, limits, signal } = options;
    this.#plan = plan;
    for (const { definition } of plan.exports) {
      if (this.#byName.has(definition.kind)) continue;
      const kind = new TargetKind({
        definition,
        exports: plan.exports,
        appDirectory,
        leaseNumber: options.fence().number,
        clock,
        random,
        report: tally.report,
        mutateTimeoutMs: limits.mutateTimeoutMs,
        mayDelete,
        signal,
      });
      this.#byName.set(definition.kind, kind);
    }
  }

  /** Resolves when every kind has answered, to the first error. */
  async write(work: RowWork): Promise<SluiceError | null> {
    const byKind = new Map<string, RowWork["writes"][number][]>();
    for (const writes of work.writes) {
      const { kind } = this.#plan.exports[writes.export]!.definition;
      byKind.set(kind, [...(byKind.get(kind) ?? []), writes]);
    }
    const size = sizeOf(work);
    const answers = await Promise.all(
      [...byKind].map(([kind, writes]) => this.#byName.get(kind)!.write(writes, size)),
    );
    return answers.find((error) => error !== null) ?? null;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((kind) => kind.close()));
  }
}
