import type { CallPolicies } from "../contracts/call-policy.ts";
import type { Report, UpdateInfo } from "../contracts/events.ts";
import type { Fence, FlowId, SourceId, StateStore, TargetId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { allOf } from "../kernel/all-of.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Semaphore } from "../kernel/semaphore.ts";
import type { Plan } from "../plan/index.ts";
import { countLeftovers, giveUpLeftovers } from "./adopted-rows.ts";
import type { Bindings, GoneSource } from "./bindings.ts";
import { type AllowedDeletions, holdLeftovers } from "./deletion-guard.ts";
import { encodeDoubt, takeUpDoubts } from "./doubts.ts";
import { FunctionCalls } from "./function-calls.ts";
import { cleanGoneSource } from "./gone-source.ts";
import { Landing } from "./landing.ts";
import { Memos } from "./memos.ts";
import { buildOwnerIndexes, reorderOwners } from "./owner-upkeep.ts";
import { Owners } from "./owners.ts";
import { SourcePass } from "./pass.ts";
import type { TargetIndex } from "./row-recorder.ts";
import { type RowWork, sizeOf } from "./row-work.ts";
import type { Forcing, Run } from "./run.ts";
import { settleOwed } from "./settle-owed.ts";
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
  /** Records that the owner indexes are made, and settled for the present order of sources. */
  ownersKeptUp(): Promise<void>;
  /** Whether the flow is still held. */
  holds(): boolean;
  /** Only these rows, by their encoded keys, in place of all that the sources list; nothing else is deleted. */
  readonly rows: ((source: SourceId) => AsyncIterable<Uint8Array>) | null;
  /** Forgets sources whose rows were all removed. */
  forgetSources(sources: readonly GoneSource[]): Promise<void>;
  /** Records that what these adopted targets held before, and nobody yields, is on its way out. */
  adoptionsSettled(targets: readonly TargetId[]): Promise<void>;
  readonly store: StateStore;
  readonly policies: CallPolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly appDirectory: string;
  readonly limits: UpdateLimits;
  readonly forcing: Forcing;
  readonly allowDeletions: AllowedDeletions;
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
  await keepUp(options);
  const kinds = new TargetKinds(options, tally);
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

/** Makes good what rests on all records together, before any row is looked at. */
async function keepUp(options: UpdateOptions): Promise<void> {
  const { build, reorder } = options.bindings.overdue;
  await takeUpDoubts(options);
  if (build.length > 0) await buildOwnerIndexes(options);
  if (reorder) await reorderOwners(options);
  if (build.length > 0 || reorder) await options.ownersKeptUp();
}

/**
 * Sources that left the definition come last: what others yield by now is handed over, not deleted and written again.
 * Then every target key that is owed something gets it.
 */
async function passOverAll(run: Run, options: UpdateOptions): Promise<void> {
  const { bindings, rows } = options;
  const targets = new Map(bindings.targets.map(({ id }, index) => [id as number, index]));
  const passes = await openPasses(run, targets);
  try {
    await allOf([...passes].map(([id, pass]) => (rows ? pass.revisit(rows(id)) : pass.list())));
    const cleaned = rows || isWhole(run, passes) ? await cleanUp({ run, targets, options }) : [];
    await settleOwed({ run, passes, targets });
    if (cleaned.length > 0) await options.forgetSources(cleaned);
  } finally {
    await Promise.all([...passes.values()].map((pass) => pass.close()));
  }
}

/**
 * Whether everybody has had the chance to claim what is up for removal: a renamed source that cannot be listed, or
 * whose rows fail, must not find its target empty when it recovers.
 */
function isWhole(run: Run, passes: ReadonlyMap<SourceId, SourcePass>): boolean {
  const open = [...passes.values()];
  return (
    open.length === run.plan.sources.length &&
    open.every(({ complete }) => complete) &&
    run.failedAnew.size === 0
  );
}

interface CleanUp {
  readonly run: Run;
  readonly targets: TargetIndex;
  readonly options: UpdateOptions;
}

/** What sources that left had yielded, and what adopted backends held before, goes where nobody yields it now. */
async function cleanUp({ run, targets, options }: CleanUp): Promise<readonly GoneSource[]> {
  const { rows, bindings } = options;
  const cleaned: GoneSource[] = [];
  for (const source of bindings.gone)
    if (await cleanGoneSource(run, source, { targets, rows })) cleaned.push(source);
  if (rows === null) await cleanUpAdopted(run, options);
  return cleaned;
}

async function cleanUpAdopted(run: Run, options: UpdateOptions): Promise<void> {
  const { bindings, plan } = options;
  const settled: TargetId[] = [];
  for (const { target, rows } of bindings.adopted) {
    const leftover = await countLeftovers(target, options);
    const { name } = plan.exports[bindings.targets.findIndex(({ id }) => id === target)]!;
    const place = { flow: plan.flow, target: name };
    const held = holdLeftovers(place, { rows, leftover }, options.allowDeletions);
    if (held) {
      run.tally.report({ kind: "deletions-held", ...held });
      continue;
    }
    await giveUpLeftovers(target, options);
    settled.push(target);
  }
  if (settled.length > 0) await options.adoptionsSettled(settled);
}

async function openPasses(run: Run, targets: TargetIndex): Promise<Map<SourceId, SourcePass>> {
  const passes = new Map<SourceId, SourcePass>();
  const opening = run.plan.sources.map(async (source) => {
    const id = run.bindings.sources.get(source.name)!;
    const pass = await SourcePass.open({ run, source, id, targets });
    if (pass) passes.set(id, pass);
  });
  await allOf(opening);
  return passes;
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
    doubt: (staged) => store.addDoubt(options.flow, encodeDoubt(staged)),
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
    random,
    sourceContext: { appDirectory: options.appDirectory, clock },
    signal,
    forcing,
    allowDeletions: options.allowDeletions,
    calls: new FunctionCalls({ functions, memos, policies, clock, random, signal, report: tally.report }),
    encoder: new EntryEncoder(shapes),
    landing,
    tally,
    owners: new Owners({
      store,
      flow: options.flow,
      plan,
      bindings,
      rewrite: forcing.reexport,
      signal,
    }),
    failedRows: new Set(),
    failedAnew: new Set(),
    rows: limits.rows,
    bytes: limits.bytes,
  };
}

/** The kinds of target that a flow writes to, each on its own. */
class TargetKinds {
  readonly #byName = new Map<string, TargetKind>();
  readonly #plan: Plan;

  constructor(options: UpdateOptions, tally: Tally) {
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
        holds: () => options.holds(),
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
