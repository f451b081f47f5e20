import type { Report } from "../contracts/events.ts";
import type { MutationBatch, TargetDefinition } from "../contracts/target.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { type Backoff, backoffMs } from "../kernel/backoff.ts";
import type { Clock } from "../kernel/clock.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";
import type { Random } from "../kernel/random.ts";
import type { PlannedExport } from "../plan/index.ts";
import { mutateGroup } from "./mutate-groups.ts";
import { prepareTarget } from "./prepare-target.ts";
import type { EntryWrite } from "./reconcile.ts";
import { withRetry } from "./retry.ts";
import type { ExportWrites, TargetValue } from "./row-work.ts";
import { isUnavailable, lostFlow, unavailableCodes } from "./target-errors.ts";
import { keyForTarget } from "./target-key.ts";
import { withinTime } from "./within-time.ts";

/** How a kind that is down comes back, where an update goes on long enough for that. */
export interface Recovery {
  readonly waits: Backoff;
  /** The kind takes no writes for so long; then what comes is tried. */
  suspended(kind: string, ms: number): void;
  /** It takes writes again. */
  recovered(kind: string): void;
}

export interface TargetKindOptions {
  readonly definition: TargetDefinition;
  /** The plan's exports, by index. */
  readonly exports: readonly PlannedExport[];
  readonly appDirectory: string;
  /** Of the lease under which the update writes. */
  readonly leaseNumber: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  readonly mutateTimeoutMs: number;
  /** The same once the update is to stop. */
  readonly stopTimeoutMs: number;
  /** Null: a kind that is down stays down. */
  readonly recovery: Recovery | null;
  /** Whether the flow is still held: targets must not be written any more when it is not. */
  holds(): boolean;
  /** Aborts waits between attempts, not calls under way. */
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly writes: readonly ExportWrites[];
  readonly size: number;
  readonly done: Deferred<SluiceError | null>;
}

/** A kind that takes no writes. */
interface Down {
  readonly error: SluiceError;
  /** How often it was found to be. */
  readonly times: number;
  /** When it is tried again, by the monotonic clock. */
  readonly until: number;
}

type Outcomes = ReadonlyMap<Waiting, SluiceError | null>;

/** What one `mutate` call carries at most; a row that is larger is written in several calls. */
const callRows = 1024;
const callBytes = 16 * 1024 * 1024;
const callMutations = 16_384;

/**
 * The writes of one kind of target. What waits when the previous call has landed goes into the next one. Kinds
 * know nothing of each other, so that a slow one delays only the rows that need it.
 */
export class TargetKind {
  readonly #options: TargetKindOptions;
  readonly #waiting: Waiting[] = [];
  readonly #prepared = new Map<number, Promise<unknown>>();
  #busy = false;
  #down: Down | null = null;

  constructor(options: TargetKindOptions) {
    this.#options = options;
  }

  /** Resolves when the row's writes have landed, or to the error when they may not have. */
  write(writes: readonly ExportWrites[], size: number): Promise<SluiceError | null> {
    const waiting = { writes, size, done: deferred<SluiceError | null>() };
    this.#waiting.push(waiting);
    if (!this.#busy) void this.#writeAll();
    return waiting.done.promise;
  }

  /** Closes what was prepared. An error of it is reported: what was written is written. */
  async close(): Promise<void> {
    const { definition, report } = this.#options;
    for (const prepared of this.#prepared.values()) {
      try {
        await definition.close(await prepared);
      } catch (thrown) {
        const error = toSluiceError(thrown, "mutate-failed");
        report({ kind: "target-failed", targetKind: definition.kind, rows: 0, error });
      }
    }
  }

  async #writeAll(): Promise<void> {
    this.#busy = true;
    // Rows that were staged together are handed over one by one in this same turn.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#takeGroup());
    this.#busy = false;
  }

  #takeGroup(): Waiting[] {
    let rows = 0;
    let bytes = 0;
    while (rows < this.#waiting.length && rows < callRows && (rows === 0 || bytes < callBytes)) {
      bytes += this.#waiting[rows]!.size;
      rows++;
    }
    return this.#waiting.splice(0, rows);
  }

  async #writeGroup(rows: readonly Waiting[]): Promise<void> {
    if (this.#down && this.#options.clock.monotonic() < this.#down.until) {
      for (const row of rows) row.done.resolve(this.#placed(this.#down.error, row));
      return;
    }
    const { outcomes, down } = await this.#mutateWithBackoff(rows);
    if (down) this.#suspend(down, rows.length);
    else if (this.#down) this.#recover();
    for (const row of rows)
      row.done.resolve(outcomes.has(row) ? outcomes.get(row)! : down && this.#placed(down, row));
  }

  /** With the target that the row was to be written to, which tells the kind that it waits for. */
  #placed(down: SluiceError, { writes }: Waiting): SluiceError {
    return down.at({ target: this.#options.exports[writes[0]!.export]!.name });
  }

  #suspend(error: SluiceError, rows: number): void {
    const { recovery, clock, random, report, definition } = this.#options;
    const times = (this.#down?.times ?? 0) + 1;
    if (times === 1) report({ kind: "target-failed", targetKind: definition.kind, rows, error });
    const waitMs = recovery === null ? Number.POSITIVE_INFINITY : backoffMs(recovery.waits, times, random);
    this.#down = { error, times, until: clock.monotonic() + waitMs };
    recovery?.suspended(definition.kind, waitMs);
  }

  #recover(): void {
    const { recovery, report, definition } = this.#options;
    this.#down = null;
    report({ kind: "target-recovered", targetKind: definition.kind });
    recovery?.recovered(definition.kind);
  }

  /**
   * A target that is down is tried again after a while; when it stays down, the rest of the pass goes without it. One
   * that was down before is tried once.
   */
  async #mutateWithBackoff(
    rows: readonly Waiting[],
  ): Promise<{ readonly outcomes: Outcomes; readonly down: SluiceError | null }> {
    const { clock, signal, report, random, definition } = this.#options;
    const outcomes = new Map<Waiting, SluiceError | null>();
    const attempt = async () => {
      const left = rows.filter((row) => !outcomes.has(row));
      const result = await mutateGroup({
        rows: left,
        random,
        isUnavailable,
        mutate: (some) => this.#mutate(some),
      });
      for (const [row, error] of result.outcomes) outcomes.set(row, error);
      if (result.down) throw asDown(definition.kind, result.down);
    };
    try {
      if (this.#down) await attempt();
      else await withRetry(attempt, { clock, signal, report, what: `target ${definition.kind}` });
      return { outcomes, down: null };
    } catch (thrown) {
      return { outcomes, down: toSluiceError(thrown, "target-unavailable") };
    }
  }

  /** One call, or several where the rows are many; resolves to what failed. */
  async #mutate(rows: readonly Waiting[]): Promise<SluiceError | null> {
    try {
      for (const call of this.#callsFor(rows)) await this.#callMutate(call);
      return null;
    } catch (thrown) {
      return toSluiceError(thrown, "mutate-failed");
    }
  }

  #callsFor(rows: readonly Waiting[]): Map<number, EntryWrite<TargetValue>[]>[] {
    const calls: Map<number, EntryWrite<TargetValue>[]>[] = [];
    let mutations = callMutations;
    let bytes = 0;
    for (const { writes } of rows) {
      for (const { export: index, writes: entries } of writes) {
        for (const entry of entries) {
          if (mutations >= callMutations || bytes >= callBytes) {
            calls.push(new Map());
            mutations = bytes = 0;
          }
          const call = calls.at(-1)!;
          const list = call.get(index) ?? [];
          call.set(index, list);
          list.push(entry);
          mutations++;
          bytes += entry.key.length + (entry.value?.size ?? 0);
        }
      }
    }
    return calls;
  }

  async #callMutate(call: ReadonlyMap<number, readonly EntryWrite<TargetValue>[]>): Promise<void> {
    const batches: MutationBatch<unknown, unknown, unknown>[] = [];
    for (const [index, entries] of call) {
      if (entries.length === 0) continue;
      batches.push({
        target: await this.#prepare(index),
        mutations: entries.map((entry) => this.#mutation(index, entry)),
      });
    }
    if (batches.length === 0) return;
    if (!this.#options.holds()) throw lostFlow();
    const { definition } = this.#options;
    await withinTime({ ...this.#options, kind: definition.kind }, (context) =>
      definition.mutate(batches, context),
    );
    for (const [index, entries] of call) {
      if (entries.length === 0) continue;
      const upserted = entries.filter(({ value }) => value !== null).length;
      const target = this.#options.exports[index]!.name;
      this.#options.report({ kind: "target-written", target, upserted, deleted: entries.length - upserted });
    }
  }

  #mutation(index: number, { key, value }: EntryWrite<TargetValue>): { key: unknown; value: unknown } {
    const planned = this.#options.exports[index]!;
    return value === null
      ? { key: keyForTarget(planned, key), value }
      : { key: value.key, value: value.value };
  }

  #prepare(index: number): Promise<unknown> {
    const known = this.#prepared.get(index);
    if (known) return known;
    const { exports, appDirectory, leaseNumber, signal } = this.#options;
    const prepared = prepareTarget(exports[index]!, { appDirectory, leaseNumber, signal }).catch((thrown) => {
      this.#prepared.delete(index);
      throw thrown;
    });
    this.#prepared.set(index, prepared);
    return prepared;
  }
}

/** A call that timed out may still be at work: it is not tried again in this pass. */
function asDown(kind: string, cause: SluiceError): SluiceError {
  if (cause.code !== "target-unavailable" && unavailableCodes.has(cause.code)) return cause;
  return new SluiceError("target-unavailable", `target ${kind} takes no writes: ${cause.message}`, {
    hint: cause.hint ?? "Its rows are kept and written by the next update.",
    where: cause.where,
    cause,
  });
}
