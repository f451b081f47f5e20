import type {
  EngineEvent,
  FunctionStats,
  HeldDeletions,
  KeyFailure,
  Notice,
  Report,
  RowFailure,
  SourceStats,
  TargetStats,
  UpdateInfo,
} from "../contracts/events.ts";
import type { CallUsage } from "../contracts/function.ts";
import type { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";

/** How many failures of each kind, and notices, an update info lists. */
const listedFailures = 100;

type Counts = Pick<UpdateInfo, "sources" | "targets" | "functions">;

/** Counts of a part of an update. */
export interface TallyWindow {
  info(): UpdateInfo;
  close(): void;
}

/** Counts what an update does, from its events and from what is too frequent for one. */
export class Tally {
  readonly #plan: Plan;
  readonly #report: Report;
  readonly #elapsedMs: () => number;
  #reportFailure: { readonly thrown: unknown } | null = null;
  readonly #sources: Record<string, SourceStats> = {};
  readonly #targets: Record<string, TargetStats> = {};
  readonly #functions: Record<string, FunctionStats> = {};
  readonly #all: Lists;
  /** Those of windows among them. */
  readonly #lists: Set<Lists>;

  constructor(plan: Plan, report: Report, elapsedMs: () => number) {
    this.#plan = plan;
    this.#report = report;
    this.#elapsedMs = elapsedMs;
    this.#all = new Lists(plan.flow);
    this.#lists = new Set([this.#all]);
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
    return this.#all.info(this.#counts(), this.#elapsedMs());
  }

  /** Counts by itself what is done from now on, until it is closed. */
  open(): TallyWindow {
    const before = this.#counts();
    const began = this.#elapsedMs();
    const lists = new Lists(this.#plan.flow);
    this.#lists.add(lists);
    return {
      info: () => lists.info(difference(this.#counts(), before), this.#elapsedMs() - began),
      close: () => this.#lists.delete(lists),
    };
  }

  #counts(): Counts {
    return {
      sources: copies(this.#sources),
      targets: copies(this.#targets),
      functions: copies(this.#functions),
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
    for (const lists of this.#lists) lists.add(event);
    switch (event.kind) {
      case "row-done":
        this.source(event.source)[event.outcome]++;
        return;
      case "row-failed":
        this.source(event.source).failed++;
        return;
      case "key-failed":
        this.#targets[event.target]!.failed++;
        return;
      case "function-called":
        this.#functions[event.function]!.calls++;
        this.#functions[event.function]!.computed += event.inputs;
        return;
      case "function-failed":
        this.#functions[event.function]!.failed++;
        return;
      case "function-usage":
        addUsage(this.#functions[event.function]!, event);
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

/** The info of an update that has not begun. */
export function noUpdate(plan: Plan): UpdateInfo {
  return new Tally(
    plan,
    () => {},
    () => 0,
  ).info();
}

/** What an update info lists by name. */
class Lists {
  readonly #flow: string;
  readonly #failures: RowFailure[] = [];
  readonly #failedKeys: KeyFailure[] = [];
  readonly #incomplete: { source: string; error: SluiceError }[] = [];
  readonly #held: HeldDeletions[] = [];
  readonly #notices: Notice[] = [];

  constructor(flow: string) {
    this.#flow = flow;
  }

  add(event: EngineEvent): void {
    switch (event.kind) {
      case "row-failed":
        addTo(this.#failures, { source: event.source, row: event.row, error: event.error });
        break;
      case "key-failed":
        addTo(this.#failedKeys, { target: event.target, key: event.key, error: event.error });
        break;
      case "source-incomplete":
        addTo(this.#incomplete, { source: event.source, error: event.error });
        break;
      case "deletions-held": {
        const { kind: _kind, ...held } = event;
        addTo(this.#held, held);
        break;
      }
      case "notice":
        this.#addNotice({ about: event.about, message: event.message });
        break;
    }
  }

  #addNotice(notice: Notice): void {
    const isSame = ({ about, message }: Notice) => about === notice.about && message === notice.message;
    if (!this.#notices.some(isSame)) addTo(this.#notices, notice);
  }

  info(counts: Counts, elapsedMs: number): UpdateInfo {
    const stats = [...Object.values(counts.sources), ...Object.values(counts.targets)];
    const failed = stats.some((one) => one.failed > 0);
    return {
      flow: this.#flow,
      ...counts,
      failures: [...this.#failures],
      failedKeys: [...this.#failedKeys],
      incomplete: [...this.#incomplete],
      held: [...this.#held],
      notices: [...this.#notices],
      elapsedMs,
      ok: !failed && this.#incomplete.length === 0 && this.#held.length === 0,
    };
  }
}

function addTo<T>(list: T[], one: T): void {
  if (list.length < listedFailures) list.push(one);
}

/** Functions whose calls cost no tokens have no counts of them. */
function addUsage(stats: FunctionStats, { inputTokens, outputTokens }: CallUsage): void {
  if (inputTokens !== undefined) stats.inputTokens = (stats.inputTokens ?? 0) + inputTokens;
  if (outputTokens !== undefined) stats.outputTokens = (stats.outputTokens ?? 0) + outputTokens;
}

function difference(after: Counts, before: Counts): Counts {
  return {
    sources: subtract(after.sources, before.sources),
    targets: subtract(after.targets, before.targets),
    functions: subtract(after.functions, before.functions),
  };
}

/** Rows in flight are no count of what was done: they are as they are. */
function subtract<T extends object>(
  after: Readonly<Record<string, T>>,
  before: Readonly<Record<string, T>>,
): Record<string, T> {
  const minus = (name: string, counts: T): T => {
    const earlier = (before[name] ?? {}) as Readonly<Record<string, number>>;
    const entries = Object.entries(counts as Readonly<Record<string, number>>).map(([count, value]) => [
      count,
      count === "inFlight" ? value : value - (earlier[count] ?? 0),
    ]);
    return Object.fromEntries(entries) as T;
  };
  return Object.fromEntries(Object.entries(after).map(([name, counts]) => [name, minus(name, counts)]));
}

function copies<T extends object>(stats: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(stats).map(([name, counts]) => [name, { ...counts }]));
}
