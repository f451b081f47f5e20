import type { Report, RowFailure } from "../contracts/events.ts";
import type { TargetVerification } from "../contracts/verification.ts";
import {
  type Bindings,
  repairTarget,
  type VerifiedTarget,
  type Verifying,
  verifyTarget,
} from "../engine/index.ts";
import type { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";
import { bindingsOf } from "./bindings.ts";
import type { HeldFlow } from "./held-flow.ts";
import type { Settings } from "./settings.ts";
import { planFlowSetup } from "./setup-flow.ts";
import { refuseUnlessSetUp, runHeldUpdate } from "./update-flow.ts";

export interface VerifyWork {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly repair: boolean;
  readonly allowDeletions: boolean | number;
  /** How many rows of each kind are named, of each target. */
  readonly limit: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What a repair did. */
export interface RepairInfo {
  /** Rows that were written again and rows that were deleted, by export. */
  readonly targets: Readonly<Record<string, { readonly written: number; readonly deleted: number }>>;
  /** How many rows of sources failed while what they yield was to be written again. */
  readonly failed: number;
  /** The first hundred of them. */
  readonly failures: readonly RowFailure[];
  /** Why extra rows were not deleted, by export: the target refused, or they are too many to be deleted unasked. */
  readonly refused: readonly { readonly target: string; readonly error: SluiceError }[];
}

/** What a verification found. */
export interface VerifyInfo {
  readonly flow: string;
  /** By export; as it is after the repair, where there was one. */
  readonly targets: Readonly<Record<string, TargetVerification>>;
  /** Exports whose target cannot be read back: nothing is said of them. */
  readonly unverified: readonly string[];
  /** Null where none was asked for. */
  readonly repair: RepairInfo | null;
  readonly elapsedMs: number;
  /** Every row that should be there is known to be, with its value, and no other; and no repair failed. */
  readonly ok: boolean;
}

/** Compares what the targets hold with what the store says they should, and repairs them where that is asked for. */
export async function verifyFlow(held: HeldFlow, work: VerifyWork): Promise<VerifyInfo> {
  const { plan, settings, repair } = work;
  const began = settings.clock.monotonic();
  const setup = await planFlowSetup({ plan, id: held.id, record: held.record(), store: held.store });
  refuseUnlessSetUp(setup);
  if (repair && setup.recordsChange) await held.writeRecord(setup.done);
  const reporter = new Reporter(work.report);
  const verification = new FlowVerification({
    held,
    work: { ...work, report: reporter.report },
    // Looking alone writes nothing, not even what an update would record first.
    bindings: () => bindingsOf(plan, repair ? held.record() : setup.done),
  });
  for (const index of plan.exports.keys()) await verification.verify(index);
  const info = verification.info(settings.clock.monotonic() - began);
  reporter.rethrow();
  return info;
}

interface FlowVerificationOptions {
  readonly held: HeldFlow;
  readonly work: VerifyWork;
  bindings(): Bindings;
}

/** The verification of a flow, target by target: what is known of one is let go before the next. */
class FlowVerification {
  readonly #options: FlowVerificationOptions;
  readonly #targets: Record<string, TargetVerification> = {};
  readonly #unverified: string[] = [];
  readonly #repaired: Record<string, { written: number; deleted: number }> = {};
  readonly #failures: RowFailure[] = [];
  #failed = 0;
  readonly #refused: { target: string; error: SluiceError }[] = [];

  constructor(options: FlowVerificationOptions) {
    this.#options = options;
  }

  async verify(index: number): Promise<void> {
    const { plan, repair } = this.#options.work;
    const { name, definition } = plan.exports[index]!;
    if (definition.readBack === null) {
      this.#unverified.push(name);
      return;
    }
    let verified = await verifyTarget(this.#verifying(), index);
    while (repair && verified.repairable + verified.extras.length > 0) {
      const refused = await this.#repair(verified);
      const before = verified;
      verified = await verifyTarget(this.#verifying(), index);
      const more = before.verification.extra > before.extras.length;
      if (refused || !more || verified.verification.extra >= before.verification.extra) break;
    }
    this.#targets[name] = verified.verification;
  }

  info(elapsedMs: number): VerifyInfo {
    const { plan, repair } = this.#options.work;
    const clean = Object.values(this.#targets).every(isClean);
    return {
      flow: plan.flow,
      targets: this.#targets,
      unverified: this.#unverified,
      repair: repair
        ? {
            targets: this.#repaired,
            failed: this.#failed,
            failures: this.#failures,
            refused: this.#refused,
          }
        : null,
      elapsedMs,
      ok: clean && this.#failed === 0 && this.#refused.length === 0,
    };
  }

  /** Resolves to whether extra rows had to stay. */
  async #repair(verified: VerifiedTarget): Promise<boolean> {
    const { held, work } = this.#options;
    const target = work.plan.exports[verified.export]!.name;
    const report = this.#counting(work.report);
    const { failed, failures, refused } = await repairTarget(
      {
        ...this.#verifying(),
        report,
        random: work.settings.random,
        mutateTimeoutMs: work.settings.mutateTimeoutMs,
        stopTimeoutMs: work.settings.stopTimeoutMs,
        allowDeletions: work.allowDeletions,
        fence: () => held.fence(),
        update: (rows) => runHeldUpdate(held, { ...work, ...plainUpdate, report, rows }),
      },
      verified,
    );
    this.#failed += failed;
    this.#failures.push(...failures.slice(0, listedFailures - this.#failures.length));
    if (refused) this.#refused.push({ target, error: refused });
    return refused !== null;
  }

  #verifying(): Verifying {
    const { held, work, bindings } = this.#options;
    const { plan, settings, limit, repair, report, signal } = work;
    return {
      plan,
      flow: held.id,
      bindings: bindings(),
      store: held.store,
      clock: settings.clock,
      appDirectory: settings.appDirectory,
      leaseNumber: held.fence().number,
      holds: () => held.holds(),
      limit,
      repair,
      report,
      signal,
    };
  }

  /** A report that also counts what is written. */
  #counting(report: Report): Report {
    return (event) => {
      if (event.kind === "target-written") {
        const counts = this.#repaired[event.target] ?? { written: 0, deleted: 0 };
        this.#repaired[event.target] = counts;
        counts.written += event.upserted;
        counts.deleted += event.deleted;
      }
      report(event);
    };
  }
}

/** How many failures are listed. */
const listedFailures = 100;

const plainUpdate = { reexportTargets: false, fullReprocess: false } as const;

function isClean({ error, missing, extra, different, pending }: TargetVerification): boolean {
  return error === null && missing + extra + different + pending === 0;
}

/** Passes events on; what the user's report throws stops nothing, and is thrown at the end. */
class Reporter {
  readonly #report: Report;
  #failure: { readonly thrown: unknown } | null = null;

  constructor(report: Report) {
    this.#report = report;
  }

  readonly report: Report = (event) => {
    try {
      this.#report(event);
    } catch (thrown) {
      this.#failure ??= { thrown };
    }
  };

  rethrow(): void {
    if (this.#failure) throw this.#failure.thrown;
  }
}
