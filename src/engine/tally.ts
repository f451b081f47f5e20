import type {
  EngineEvent,
  FunctionStats,
  HeldDeletions,
  KeyFailure,
  Report,
  RowFailure,
  SourceStats,
  TargetStats,
  UpdateInfo,
} from "../contracts/events.ts";
import type { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";

/** How many failures an update info lists. */
const listedFailures = 100;

/** Counts what an update does, from its events and from what is too frequent for one. */
export class Tally {
  readonly #plan: Plan;
  readonly #report: Report;
  readonly #elapsedMs: () => number;
  #reportFailure: { readonly thrown: unknown } | null = null;
  readonly #sources: Record<string, SourceStats> = {};
  readonly #targets: Record<string, TargetStats> = {};
  readonly #functions: Record<string, FunctionStats> = {};
  readonly #failures: RowFailure[] = [];
  readonly #failedKeys: KeyFailure[] = [];
  readonly #incomplete: { source: string; error: SluiceError }[] = [];
  readonly #held: HeldDeletions[] = [];

  constructor(plan: Plan, report: Report, elapsedMs: () => number) {
    this.#plan = plan;
    this.#report = report;
    this.#elapsedMs = elapsedMs;
    for (const { name } of plan.sources) this.source(name);
    for (const { name } of plan.exports)
      this.#targets[name] = { upserted: 0, deleted: 0, calls: 0, failed: 0 };
    for (const { name } of plan.functions)
      this.#functions[name] = { computed: 0, calls: 0, memoHits: 0, failed: 0 };
  }

  /** The counts of one source, to be counted up in place. */
  source(name: string): SourceStats {
    this.#sources[name] ??= {
      unchanged: 0,
      inserted: 0,
      updated: 0,
      deleted: 0,
      reprocessed: 0,
      failed: 0,
      inFlight: 0,
      read: 0,
    };
    return this.#sources[name];
  }

  /** Passes an event on, after counting it. */
  readonly report: Report = (event) => {
    this.#count(event);
    this.#tell(event);
    // Displays would stand still while the last rows of a listing are in work.
    if (event.kind === "store-written") this.progress();
  };

  /** What the user's report threw first. It stops no work, since rows may be half on their way. */
  get reportFailure(): { readonly thrown: unknown } | null {
    return this.#reportFailure;
  }

  progress(): void {
    this.#tell({ kind: "progress", info: this.info() });
  }

  info(): UpdateInfo {
    const failed = [...Object.values(this.#sources), ...Object.values(this.#targets)].some(
      (stats) => stats.failed > 0,
    );
    return {
      flow: this.#plan.flow,
      sources: copies(this.#sources),
      targets: copies(this.#targets),
      functions: copies(this.#functions),
      failures: [...this.#failures],
      failedKeys: [...this.#failedKeys],
      incomplete: [...this.#incomplete],
      held: [...this.#held],
      elapsedMs: this.#elapsedMs(),
      ok: !failed && this.#incomplete.length === 0 && this.#held.length === 0,
    };
  }

  #tell(event: EngineEvent): void {
    try {
      this.#report(event);
    } catch (thrown) {
      this.#reportFailure ??= { thrown };
    }
  }

  #count(event: EngineEvent): void {
    switch (event.kind) {
      case "row-done":
        this.source(event.source)[event.outcome]++;
        return;
      case "row-failed":
        this.source(event.source).failed++;
        if (this.#failures.length < listedFailures)
          this.#failures.push({ source: event.source, row: event.row, error: event.error });
        return;
      case "key-failed": {
        const { target, key, error } = event;
        this.#targets[target]!.failed++;
        if (this.#failedKeys.length < listedFailures) this.#failedKeys.push({ target, key, error });
        return;
      }
      case "source-incomplete":
        this.#incomplete.push({ source: event.source, error: event.error });
        return;
      case "deletions-held": {
        const { kind: _kind, ...held } = event;
        this.#held.push(held);
        return;
      }
      case "function-called":
        this.#functions[event.function]!.calls++;
        this.#functions[event.function]!.computed += event.inputs;
        return;
      case "function-failed":
        this.#functions[event.function]!.failed++;
        return;
      case "memo-hit":
        this.#functions[event.function]!.memoHits++;
        return;
      case "target-written": {
        const target = this.#targets[event.target]!;
        target.upserted += event.upserted;
        target.deleted += event.deleted;
        target.calls++;
      }
    }
  }
}

function copies<T extends object>(stats: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(stats).map(([name, counts]) => [name, { ...counts }]));
}
