import type { EngineEvent, RowOutcome, SourceStats, UpdateInfo } from "../app/events.ts";
import { counted, formatCount, formatSpan } from "./format-number.ts";
import { LagCounts } from "./lag-window.ts";
import { noticeText } from "./render-notice.ts";
import { type ListedTrouble, TroubleList } from "./trouble-list.ts";

/** How often it is said what was done, at the most. */
const summaryMs = 5_000;
/** How many rows that fail are named in that time. */
const namedFailures = 10;
/** It is said that something is over once it has stayed so for this long. */
const overMs = 1_000;

export interface LiveLogOptions {
  readonly flow: string;
  /** Only what goes wrong. */
  readonly quiet: boolean;
  /** The command that approves the deletion of so many rows. */
  readonly approvalOf: (rows: number) => string;
  readonly failuresCommand: string;
}

type Counts = Record<RowOutcome | "failed" | "recovered", number>;

interface SourceWork {
  readonly counts: Counts;
  readonly lags: LagCounts;
}

/** A flow that is live as lines of a log: what goes wrong at once, what is done now and then. */
export class LiveLog {
  readonly #options: LiveLogOptions;
  readonly #troubles: TroubleList;
  /** What was done since it was said last, by source. */
  readonly #work = new Map<string, SourceWork>();
  /** What is over and not said to be. */
  readonly #over = new Map<string, ListedTrouble>();
  #saidAt = Number.NEGATIVE_INFINITY;
  #named = 0;
  #unnamed = 0;

  constructor(options: LiveLogOptions) {
    this.#options = options;
    this.#troubles = new TroubleList(options.approvalOf);
  }

  apply(event: EngineEvent, now: number): string[] {
    const { began, isNews, over } = this.#troubles.apply(event, now);
    this.#count(event);
    for (const trouble of over) this.#end(trouble, event);
    if (began) this.#over.delete(began.key);
    if (began && isNews) return this.#lines(now, this.#newsOf(began));
    if (this.#options.quiet) return [];
    if (event.kind === "notice")
      return this.#lines(now, [`${this.#options.flow} note: ${noticeText(event)}`]);
    if (event.kind !== "caught-up") return [];
    // It says more than what was counted so far.
    this.#work.clear();
    return this.#lines(now, [`${this.#options.flow}: ${caughtUp(event.info)}`]);
  }

  /** To be called every second or so. */
  tick(now: number): string[] {
    const repairs = this.#repairs(now);
    // Either way: the clock may be set back.
    if (Math.abs(now - this.#saidAt) < summaryMs) return this.#lines(now, repairs);
    // Where nothing was said for long, what is done is said soon.
    if (this.#work.size > 0) this.#saidAt = now;
    return this.#lines(now, [...repairs, ...this.#summary()]);
  }

  /** What was done and not said yet. */
  rest(now: number): string[] {
    return this.#lines(now, this.#summary());
  }

  /** A word about the flow. */
  say(word: string, now: number): string[] {
    return this.#options.quiet ? [] : this.#lines(now, [`${this.#options.flow}: ${word}`]);
  }

  #newsOf({ ofRow, isFleeting, command, text }: ListedTrouble): string[] {
    if (isFleeting) return [];
    if (ofRow && this.#named >= namedFailures) {
      this.#unnamed++;
      return [];
    }
    if (ofRow) this.#named++;
    const approval = command === null ? "" : `; if they are to go, stop and run: ${command}`;
    return [`${this.#options.flow} ${text()}${approval}`];
  }

  #end(trouble: ListedTrouble, event: EngineEvent): void {
    if (!trouble.ofRow) this.#over.set(trouble.key, trouble);
    else if (event.kind === "row-done") this.#workOf(event.source).counts.recovered++;
  }

  #repairs(now: number): string[] {
    const settled = [...this.#over.values()].filter(({ overAt }) => Math.abs(now - overAt!) >= overMs);
    for (const { key } of settled) this.#over.delete(key);
    return this.#options.quiet ? [] : settled.map(({ overText }) => `${this.#options.flow} ${overText}`);
  }

  #summary(): string[] {
    const { flow, quiet, failuresCommand } = this.#options;
    const unnamed = this.#unnamed;
    const work = quiet ? [] : [...this.#work].map(([source, done]) => `${flow} ${source}: ${workText(done)}`);
    this.#work.clear();
    this.#named = 0;
    this.#unnamed = 0;
    return unnamed === 0
      ? work
      : [...work, `${flow}: ${counted(unnamed, "more row")} failed; see: ${failuresCommand}`];
  }

  #count(event: EngineEvent): void {
    if (event.kind === "row-failed") this.#workOf(event.source).counts.failed++;
    if (event.kind !== "row-done") return;
    const { counts, lags } = this.#workOf(event.source);
    counts[event.outcome]++;
    if (event.lagMs !== undefined) lags.add(event.lagMs);
  }

  #workOf(source: string): SourceWork {
    const known = this.#work.get(source);
    if (known) return known;
    const work = { counts: noCounts(), lags: new LagCounts() };
    this.#work.set(source, work);
    return work;
  }

  #lines(now: number, texts: readonly string[]): string[] {
    const at = new Date(now).toISOString();
    return texts.map((text) => `${at} ${text}`);
  }
}

function noCounts(): Counts {
  return { unchanged: 0, inserted: 0, updated: 0, deleted: 0, reprocessed: 0, failed: 0, recovered: 0 };
}

function workText({ counts, lags }: SourceWork): string {
  const { unchanged, failed, recovered, ...changes } = counts;
  const facts = [
    ...factsOf(changes),
    ...factsOf({ unchanged }),
    `${formatCount(failed)} failed`,
    ...(recovered > 0 ? [`${formatCount(recovered)} recovered`] : []),
  ];
  const lag = lags.summary();
  if (lag === null) return facts.join(", ");
  const longest = lag.maxMs > 2 * lag.medianMs ? `, at most ${formatSpan(lag.maxMs)}` : "";
  return `${facts.join(", ")}; lag ${formatSpan(lag.medianMs)}${longest}`;
}

/** What the first pass over all sources came to. */
function caughtUp(info: UpdateInfo): string {
  return `caught up in ${formatSpan(info.elapsedMs)}: ${totalText(info)}`;
}

/** What was done about all rows together. */
function totalText(info: UpdateInfo): string {
  const { unchanged, failed, recovered: _recovered, ...changes } = totalOf(info);
  return [...factsOf({ unchanged, ...changes }), `${formatCount(failed)} failed`].join(", ");
}

/** The same without rows that listings found unchanged, each of them again. */
export function changesText(info: UpdateInfo): string {
  const { unchanged: _unchanged, failed, recovered: _recovered, ...changes } = totalOf(info);
  return [...factsOf(changes), ...factsOf({ failed })].join(", ") || "no changes";
}

function totalOf({ sources }: UpdateInfo): Counts {
  const total = noCounts();
  for (const stats of Object.values<Readonly<SourceStats>>(sources))
    for (const kind of ["unchanged", "inserted", "updated", "deleted", "reprocessed", "failed"] as const)
      total[kind] += stats[kind];
  return total;
}

function factsOf(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${formatCount(count)} ${kind}`);
}
