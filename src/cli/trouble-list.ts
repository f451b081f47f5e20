import type { EngineEvent } from "../app/events.ts";
import { endedBy, type Trouble, troubleOf } from "./live-trouble.ts";

/** How many are known at a time; of more, the oldest go of those that are many or pass by themselves. */
const knownTroubles = 200;
/** How long it is shown that something is over. */
const overMs = 10_000;
/** A listing ends before it is known what is held still: what is told again so soon was never over. */
const hastyMs = 1_000;
/** When the same is worth a word again, though it was never over. */
const repeatMs = 600_000;

/** A trouble, since when, and whether it is over. */
export interface ListedTrouble extends Trouble {
  /** When it was told last. */
  readonly at: number;
  /** When it was told as news. */
  readonly newsAt: number;
  readonly overAt: number | null;
}

/** What an event changes about the troubles. */
export interface TroubleChange {
  readonly began: ListedTrouble | null;
  /** It is not the same that was told as news a while ago and is not over. */
  readonly isNews: boolean;
  readonly over: readonly ListedTrouble[];
}

const noChange: TroubleChange = { began: null, isNews: false, over: [] };

/** What goes wrong while a flow is live, and what did until a moment ago. */
export class TroubleList {
  readonly #approvalOf: (rows: number) => string;
  /** The latest last. */
  readonly #troubles = new Map<string, ListedTrouble>();

  constructor(approvalOf: (rows: number) => string) {
    this.#approvalOf = approvalOf;
  }

  apply(event: EngineEvent, now: number): TroubleChange {
    const began = troubleOf(event, this.#approvalOf);
    const over = this.#troubles.size === 0 ? [] : endedBy(event).flatMap((key) => this.#end(key, now));
    if (began) return { ...this.#begin(began, now), over };
    return over.length === 0 ? noChange : { ...noChange, over };
  }

  /** What is to be shown: what waits for somebody, then the latest first, then what is over. */
  shown(now: number): readonly ListedTrouble[] {
    this.#forget(now);
    const latest = [...this.#troubles.values()].reverse();
    return [0, 1, 2].flatMap((rank) => latest.filter((trouble) => rankOf(trouble) === rank));
  }

  #begin(trouble: Trouble, now: number): Omit<TroubleChange, "over"> {
    const known = this.#troubles.get(trouble.key);
    const isNews = !known || known.sameness !== trouble.sameness || !isSaid(known, now);
    const began = { ...trouble, at: now, newsAt: isNews ? now : known.newsAt, overAt: null };
    if (trouble.replaces !== null) this.#troubles.delete(trouble.replaces);
    this.#troubles.delete(trouble.key);
    this.#troubles.set(trouble.key, began);
    if (this.#troubles.size > knownTroubles) this.#forgetOldest();
    return { began, isNews };
  }

  #end(key: string, now: number): readonly ListedTrouble[] {
    const known = this.#troubles.get(key);
    if (!known || known.overAt !== null) return [];
    const over = { ...known, overAt: now };
    this.#troubles.set(key, over);
    return [over];
  }

  #forget(now: number): void {
    for (const { key, at, passesMs, overAt } of this.#troubles.values()) {
      const isPast = overAt === null ? passesMs !== null && now - at > passesMs : now - overAt > overMs;
      if (isPast) this.#troubles.delete(key);
    }
  }

  #forgetOldest(): void {
    for (const { key, ofRow, passesMs, overAt } of this.#troubles.values()) {
      if (!ofRow && passesMs === null && overAt === null) continue;
      this.#troubles.delete(key);
      return;
    }
  }
}

function isSaid({ newsAt, overAt }: ListedTrouble, now: number): boolean {
  return now - newsAt < repeatMs && (overAt === null || now - overAt < hastyMs);
}

function rankOf({ overAt, command }: ListedTrouble): 0 | 1 | 2 {
  if (overAt !== null) return 2;
  return command === null ? 1 : 0;
}
