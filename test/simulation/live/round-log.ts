import type { EngineEvent } from "../../../src/index.ts";
import type { VirtualClock } from "../world/virtual-clock.ts";

/** So many of the last lines are kept. */
const most = 4000;

/** What happened in a round, for whoever looks for the cause of a failure. */
export class RoundLog {
  readonly #clock: VirtualClock;
  readonly #lines: string[] = [];
  /** How often each kind of event was told. */
  readonly counts = new Map<string, number>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  note(line: string): void {
    this.#lines.push(`${String(Math.round(this.#clock.monotonic())).padStart(10)} ms  ${line}`);
    if (this.#lines.length > 2 * most) this.#lines.splice(0, most);
  }

  readonly hear = (event: EngineEvent): void => {
    const { kind, ...others } = event;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (!unheard.has(kind)) this.note(`${kind} ${JSON.stringify(others, plain)}`);
  };

  get lines(): readonly string[] {
    return this.#lines.slice(-most);
  }
}

const unheard: ReadonlySet<string> = new Set(["progress", "memo-hit", "store-written"]);

function plain(name: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return name === "info" ? undefined : value;
}
