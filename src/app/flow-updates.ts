import type { UpdateInfo } from "../contracts/events.ts";
import { type LiveRun, noUpdate } from "../engine/index.ts";
import { abortable } from "../kernel/abortable.ts";
import { deferred } from "../kernel/deferred.ts";
import type { Plan } from "../plan/index.ts";
import type { HeldFlow } from "./held-flow.ts";
import { interruptible } from "./interruptible.ts";
import { NextUpdate } from "./next-update.ts";
import type { Settings } from "./settings.ts";
import { openLiveRun, updateFlow } from "./update-flow.ts";
import type { LiveUpdateOptions, UpdateFlowOptions, VerbOptions } from "./verb-options.ts";

type HeldWork<T> = (held: HeldFlow, settings: Settings, signal: AbortSignal) => Promise<T>;

/** Takes the flow's lease for an update, and gives it back. */
type Hold = <T>(options: VerbOptions, work: HeldWork<T>) => Promise<T>;

interface Live {
  readonly run: LiveRun;
  readonly over: Promise<unknown>;
}

/** The updates of one flow in this process: one after the other, and beside a live one as passes of it. */
export class FlowUpdates {
  readonly #plan: () => Plan;
  readonly #hold: Hold;
  /** What is done before the next one begins. */
  #before: Promise<unknown> = Promise.resolve();
  #next: NextUpdate | null = null;
  #live: Live | null = null;

  constructor(plan: () => Plan, hold: Hold) {
    this.#plan = plan;
    this.#hold = hold;
  }

  update(options: UpdateFlowOptions): Promise<UpdateInfo> {
    if (this.#next) return this.#next.join(options);
    const next = new NextUpdate(options);
    this.#next = next;
    const info = this.#before.then(() => {
      this.#next = null;
      return this.#update(next.merged());
    });
    this.#before = info.catch(() => {});
    next.settle(info);
    return next.join(options);
  }

  /** Runs a live update to its end; `opened` is told of it as soon as it is at work. */
  live(options: LiveUpdateOptions, opened: (run: LiveRun) => void): Promise<UpdateInfo> {
    const { report = ignore, reexportTargets = false, fullReprocess = false, live = true } = options;
    const begun = deferred<void>();
    let own: Live | null = null;
    const info = this.#before.then(() =>
      this.#hold(options, async (held, settings, signal) => {
        const work = { plan: this.#plan(), settings, reexportTargets, fullReprocess, report, signal };
        const allowDeletions = options.allowDeletions ?? false;
        const run = await openLiveRun(held, { ...work, allowDeletions, follow: live });
        const done = run.run();
        own = { run, over: info.catch(() => {}) };
        this.#live = own;
        run.opened.then(
          () => opened(run),
          () => {},
        );
        begun.resolve();
        return done;
      }).finally(() => {
        // One that was refused, since another is at work, is nothing to that.
        if (this.#live === own) this.#live = null;
        begun.resolve();
      }),
    );
    this.#before = begun.promise;
    return info;
  }

  /** The info of an update that has not begun. */
  nothingDone(): UpdateInfo {
    return noUpdate(this.#plan());
  }

  async #update(options: UpdateFlowOptions): Promise<UpdateInfo> {
    const { report = ignore, reexportTargets = false, fullReprocess = false, retryFailed = false } = options;
    const allowDeletions = options.allowDeletions ?? false;
    const live = this.#live;
    if (live) {
      const info = await passOf(live.run, options);
      if (info) return info;
      await live.over;
    }
    return this.#hold(options, (held, settings, signal) => {
      const work = { plan: this.#plan(), settings, reexportTargets, fullReprocess, report, signal };
      return updateFlow(held, { ...work, allowDeletions, retryFailed });
    });
  }
}

/** Null where the live update ends before the pass has: what is asked for is then an update of its own. */
async function passOf(run: LiveRun, options: UpdateFlowOptions): Promise<UpdateInfo | null> {
  if (run.stopped) return null;
  const { report = ignore, allowDeletions = false, retryFailed = false } = options;
  const forcing = {
    reexport: options.reexportTargets ?? false,
    fullReprocess: options.fullReprocess ?? false,
  };
  const { signal, forget } = interruptible(options.signal);
  try {
    signal.throwIfAborted();
    return await abortable(run.update({ forcing, allowDeletions, retryFailed, report }), signal);
  } catch (thrown) {
    if (run.stopped && !signal.aborted) return null;
    throw thrown;
  } finally {
    forget();
  }
}

function ignore(): void {}
