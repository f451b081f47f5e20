import type { Report } from "../contracts/events.ts";
import type { SluiceError } from "../errors/index.ts";
import type { RowWork } from "./row-work.ts";
import { sizeOf } from "./row-work.ts";
import type { Recovery } from "./target-kind.ts";
import { TargetKind } from "./target-kind.ts";
import type { UpdateOptions } from "./update-options.ts";

/** The kinds of target that a flow writes to, each on its own. */
export class TargetKinds {
  readonly #byName = new Map<string, TargetKind>();
  readonly #plan: UpdateOptions["plan"];

  constructor(options: UpdateOptions, report: Report, recovery: Recovery | null) {
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
        report,
        mutateTimeoutMs: limits.mutateTimeoutMs,
        stopTimeoutMs: limits.stopTimeoutMs,
        recovery,
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
