import type { UpdateInfo } from "../contracts/events.ts";
import { onAbort } from "../kernel/on-abort.ts";
import type { UpdateFlowOptions } from "./verb-options.ts";

/** An update that waits for the one under way; everybody who asks meanwhile shares it. */
export class NextUpdate {
  readonly #asked: UpdateFlowOptions[] = [];
  #info: Promise<UpdateInfo> | null = null;
  /** Once it has ended, nobody is to hear of it any more. */
  readonly #over = new AbortController();

  constructor(first: UpdateFlowOptions) {
    this.#asked.push(first);
  }

  settle(info: Promise<UpdateInfo>): void {
    this.#info = info;
    const over = () => this.#over.abort();
    info.then(over, over);
  }

  join(options: UpdateFlowOptions): Promise<UpdateInfo> {
    if (!this.#asked.includes(options)) this.#asked.push(options);
    return this.#info!;
  }

  /** What all of them together want: the update stops only when every one of them asks it to. */
  merged(): UpdateFlowOptions {
    const asked = this.#asked;
    const onWait = asked.find((options) => options.onWait)?.onWait;
    const signal = allAborted(asked, this.#over.signal);
    return {
      reexportTargets: asked.some((options) => options.reexportTargets),
      fullReprocess: asked.some((options) => options.fullReprocess),
      allowDeletions: widest(asked.map((options) => options.allowDeletions ?? false)),
      // Whoever asks for all rows asks for those that failed, too.
      retryFailed: asked.every((options) => options.retryFailed),
      wait: asked.some((options) => options.wait),
      takeOver: asked.some((options) => options.takeOver),
      ...(onWait ? { onWait } : {}),
      report: (event) => {
        for (const { report } of asked) report?.(event);
      },
      ...(signal ? { signal } : {}),
    };
  }
}

/** The approval that covers them all: they share one pass, which holds nothing that anybody approved. */
function widest(approvals: readonly (boolean | number)[]): boolean | number {
  if (approvals.includes(true)) return true;
  return Math.max(0, ...approvals.filter((approval) => typeof approval === "number"));
}

/** Aborts once every signal of theirs has, and listens to those until it is over; null where somebody has none. */
function allAborted(asked: readonly UpdateFlowOptions[], over: AbortSignal): AbortSignal | null {
  const signals = new Set<AbortSignal>();
  for (const { signal } of asked) {
    if (!signal) return null;
    signals.add(signal);
  }
  const [only] = signals;
  if (signals.size === 1) return only!;
  const all = new AbortController();
  const check = () => {
    if ([...signals].every((signal) => signal.aborted)) all.abort();
  };
  for (const signal of signals) signal.addEventListener("abort", check, { once: true });
  // One listener for them all: as many may share an update as like.
  onAbort(over, () => {
    for (const signal of signals) signal.removeEventListener("abort", check);
  });
  check();
  return all.signal;
}
