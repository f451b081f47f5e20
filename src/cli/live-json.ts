import type { EngineEvent, HeldDeletions, UpdateInfo } from "../app/events.ts";
import { errorJson, toJsonLine } from "./to-json.ts";

/** How often counts are told at the most. */
const progressMs = 5_000;

/**
 * Which events are lines. What is told of every call and every write of the store is more than what it is about;
 * the counts have it.
 */
const isLine: Readonly<Record<EngineEvent["kind"], boolean>> = {
  // Of a setup, which is over before.
  "setup-applied": false,
  "backend-left": false,
  "source-setup-applied": false,
  "source-setup-left": false,
  "update-started": true,
  "source-started": true,
  "listing-started": true,
  "refresh-overrun": true,
  "watch-armed": true,
  "watch-ended": true,
  "watch-degraded": true,
  "changes-missed": true,
  "changes-told": true,
  "acknowledge-failed": true,
  "caught-up": true,
  "source-listed": true,
  "source-incomplete": true,
  "deletions-held": true,
  "row-done": true,
  "row-failed": true,
  "key-failed": true,
  "function-called": false,
  "function-failed": false,
  "function-usage": false,
  notice: true,
  "memo-hit": false,
  "target-written": true,
  "target-failed": true,
  "target-recovered": true,
  "target-read": false,
  "target-verified": false,
  "store-written": false,
  retrying: true,
  progress: true,
  // Said by the last line, with what the command makes of it.
  "update-finished": false,
};

export interface LiveJsonOptions {
  readonly flow: string;
  /** Adds the command that approves to deletions that are held. */
  readonly approve: (held: HeldDeletions) => HeldDeletions;
}

/** How the live update of a flow ended. */
export type LiveEnd =
  | { readonly ok: boolean; readonly stopped: boolean; readonly info: UpdateInfo }
  | { readonly ok: false; readonly stopped: boolean; readonly error: unknown };

/** The events of a flow that is live, each as a line of JSON; counts now and then. */
export class LiveJson {
  readonly #options: LiveJsonOptions;
  #progressAt = Number.NEGATIVE_INFINITY;
  #progress: UpdateInfo | null = null;

  constructor(options: LiveJsonOptions) {
    this.#options = options;
  }

  apply(event: EngineEvent, now: number): string[] {
    if (!isLine[event.kind]) return [];
    if (event.kind === "progress") {
      this.#progress = event.info;
      return this.tick(now);
    }
    return [this.#line(this.#approved(event), now)];
  }

  /** The counts, where they have changed and it is time; also where the clock was set back. */
  tick(now: number): string[] {
    const progress = this.#progress;
    if (progress === null || Math.abs(now - this.#progressAt) < progressMs) return [];
    this.#progress = null;
    this.#progressAt = now;
    // What it lists by name has had lines of its own.
    const { sources, targets, functions, elapsedMs } = progress;
    return [this.#line({ kind: "progress", sources, targets, functions, elapsedMs }, now)];
  }

  end(end: LiveEnd, now: number): string {
    const { ok, stopped } = end;
    const what = "info" in end ? { info: end.info } : { error: errorJson(end.error) };
    return this.#line({ kind: "ended", ok, stopped, ...what }, now);
  }

  #approved(event: EngineEvent): EngineEvent {
    if (event.kind === "deletions-held") return { ...event, ...this.#options.approve(event) };
    return "info" in event ? { ...event, info: this.#approvedInfo(event.info) } : event;
  }

  #approvedInfo(info: UpdateInfo): UpdateInfo {
    return { ...info, held: info.held.map(this.#options.approve) };
  }

  #line(what: object, now: number): string {
    return toJsonLine({ at: new Date(now).toISOString(), flow: this.#options.flow, ...what });
  }
}
