import type { EngineEvent, SourceStats } from "../app/events.ts";
import { formatCount, formatRate, formatSpan } from "./format-number.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { cutToWidth, padToWidth } from "./text-width.ts";

/** How far back the rate looks. */
const rateWindowMs = 5_000;
/** How long a message about a retry stays. */
const noteMs = 5_000;

interface SourceProgress {
  done: number;
  failed: number;
  inFlight: number;
  /** Counts at earlier times, oldest first. */
  readonly samples: { readonly at: number; readonly done: number }[];
  finished: boolean;
}

/** What is known of an update or a verification under way, from its events. */
export class ProgressModel {
  readonly #flow: string;
  readonly #began: number;
  readonly #sources = new Map<string, SourceProgress>();
  /** Rows that were read back, by target. */
  readonly #targets = new Map<string, number>();
  #note: { readonly text: string; readonly until: number } | null = null;

  constructor(flow: string, now: number) {
    this.#flow = flow;
    this.#began = now;
  }

  apply(event: EngineEvent, now: number): void {
    switch (event.kind) {
      case "source-started":
        this.#source(event.source);
        return;
      case "source-listed":
        this.#source(event.source).finished = true;
        return;
      case "row-done":
        // Until the next counts come: unchanged rows have no event of their own.
        this.#source(event.source).done++;
        return;
      case "row-failed":
        this.#source(event.source).failed++;
        return;
      case "target-read":
        this.#targets.set(event.target, event.rows);
        return;
      case "retrying":
        this.#say(`${event.what}: trying again in ${formatSpan(event.delayMs)}: ${event.error.message}`, now);
        return;
      case "target-failed":
        this.#say(
          `${event.targetKind} failed for ${formatCount(event.rows)} rows: ${event.error.message}`,
          now,
        );
        return;
      case "progress":
        for (const [name, stats] of Object.entries(event.info.sources)) this.#count(name, stats, now);
    }
  }

  /** The block that a terminal of so many columns shows. */
  lines(columns: number, now: number, style: Style): string[] {
    const width = Math.max(20, columns - 1);
    const names = [...this.#sources.keys(), ...this.#targets.keys()];
    const nameWidth = Math.min(24, Math.max(0, ...names.map((name) => name.length)));
    const label = (name: string) => padToWidth(cutToWidth(name, nameWidth), nameWidth);
    const head = `${this.#flow}  ${formatSpan(Math.floor((now - this.#began) / 1_000) * 1_000)}`;
    const sources = [...this.#sources].map(([name, progress]) => {
      return cutToWidth(`  ${label(name)}  ${columnsOf(progress, now).join("  ")}`, width);
    });
    const targets = [...this.#targets].map(([name, rows]) =>
      cutToWidth(`  ${label(name)}  ${padToWidth(readBack(rows), 13, "left")}`, width),
    );
    const note = this.#note && this.#note.until > now ? [`  ${this.#note.text}`] : [];
    return [
      style("bold", cutToWidth(head, width)),
      ...targets,
      ...sources,
      ...note.map((text) => style("yellow", cutToWidth(text, width))),
    ];
  }

  /** The same as one line of a log. */
  line(now: number): string {
    const sources = [...this.#sources].map(
      ([name, progress]) => `${name} ${facts(progress, now).join(", ")}`,
    );
    const targets = [...this.#targets].map(([name, rows]) => `${name} ${readBack(rows)}`);
    return `${this.#flow}: ${[...targets, ...sources].join("; ")} (${formatSpan(now - this.#began)})`;
  }

  #source(name: string): SourceProgress {
    const known = this.#sources.get(name);
    if (known) return known;
    const source = { done: 0, failed: 0, inFlight: 0, samples: [], finished: false };
    this.#sources.set(name, source);
    return source;
  }

  #count(name: string, stats: Readonly<SourceStats>, now: number): void {
    const source = this.#source(name);
    const { unchanged, inserted, updated, deleted, reprocessed, failed, inFlight } = stats;
    source.done = unchanged + inserted + updated + deleted + reprocessed;
    source.failed = failed;
    source.inFlight = inFlight;
    source.samples.push({ at: now, done: source.done });
    while (source.samples.length > 2 && source.samples[1]!.at <= now - rateWindowMs) source.samples.shift();
  }

  #say(text: string, now: number): void {
    this.#note = { text: printableLine(text), until: now + noteMs };
  }
}

function readBack(rows: number): string {
  return `${formatCount(rows)} read back`;
}

function columnsOf(progress: SourceProgress, now: number): string[] {
  return facts(progress, now).map((fact) => padToWidth(fact, 13, "left"));
}

function facts(progress: SourceProgress, now: number): string[] {
  const { done, failed, inFlight } = progress;
  const rate = rateOf(progress, now);
  return [
    `${formatCount(done)} done`,
    `${formatCount(inFlight)} in flight`,
    `${formatCount(failed)} failed`,
    ...(rate === null ? [] : [formatRate(rate)]),
  ];
}

function rateOf({ samples, done }: SourceProgress, now: number): number | null {
  const first = samples[0];
  if (!first || now - first.at < 500) return null;
  return ((done - first.done) * 1_000) / (now - first.at);
}
