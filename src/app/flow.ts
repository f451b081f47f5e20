import { resolve } from "node:path";
import type { Report, UpdateInfo } from "../contracts/events.ts";
import type { FlowId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan } from "../plan/index.ts";
import { decodeSetupRecord, emptySetupRecord, type SetupPlan, type SetupRecord } from "../setup/index.ts";
import { type EvaluateInfo, evaluateToFiles } from "./evaluate-flow.ts";
import { flowIdOf } from "./flow-id.ts";
import { type HeldFlow, holdFlow } from "./held-flow.ts";
import { openStoreToRead } from "./open-store.ts";
import { type Settings, settingsFor } from "./settings.ts";
import { applyFlowSetup, dropFlow, planFlowDrop, planFlowSetup } from "./setup-flow.ts";
import { updateFlow } from "./update-flow.ts";
import type { SetupFlowOptions, VerbOptions } from "./verb-options.ts";

/** Options of an update. */
export interface UpdateFlowOptions extends VerbOptions {
  /** Write every target row again, whether or not it changed. */
  readonly reexportTargets?: boolean;
  /** Compute everything again, cached results included. */
  readonly fullReprocess?: boolean;
  /**
   * Delete what would be held for approval: with true any number of rows, with a number up to so many of each
   * source. Where a source has lost more than that, none of its rows is deleted. Default false.
   */
  readonly allowDeletions?: boolean | number;
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  /** Where the files go, made where it is not there; relative to the working directory. */
  readonly outputDir: string;
  /** Use results that earlier updates cached; none is ever written. Default true. */
  readonly useCache?: boolean;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

/** How a flow stands with its store: nothing recorded, something to do, all as it should be. */
export type SetupStatus = "not set up" | "needs setup" | "ready";

/** A defined flow: what `defineFlow` returns, and what the command line works on. */
export class Flow {
  readonly name: string;
  /** The plan that the flow was compiled to: its sources, steps, types and exports. */
  readonly plan: Plan;
  readonly #directory: string;
  readonly #onClose: () => void;
  #closed = false;
  #running: Promise<unknown> = Promise.resolve();
  #next: NextUpdate | null = null;

  /** Use `defineFlow`. */
  constructor(plan: Plan, directory: string, onClose: () => void) {
    this.name = plan.flow;
    this.plan = plan;
    this.#directory = directory;
    this.#onClose = onClose;
  }

  /** The settings that the flow works with now. */
  get settings(): Settings {
    return settingsFor(this.#directory);
  }

  /** What setup would do; with `afterDrop`, what it would do if the flow were dropped first. Changes nothing. */
  async planSetup({ afterDrop = false }: { readonly afterDrop?: boolean } = {}): Promise<SetupPlan> {
    return this.#reading((record, store) =>
      planFlowSetup(this.plan, this.#id(), afterDrop ? emptySetupRecord(this.name) : record, store),
    );
  }

  /** What drop would do. Changes nothing. */
  async planDrop(): Promise<SetupPlan> {
    return this.#reading(async (record) => planFlowDrop(record));
  }

  /** How the flow stands with its store. */
  async setupStatus(): Promise<SetupStatus> {
    return this.#reading(async (record, store) => {
      const plan = await planFlowSetup(this.plan, this.#id(), record, store);
      if (plan.actions.length === 0) return "ready";
      return record.targets.length === 0 ? "not set up" : "needs setup";
    });
  }

  /**
   * Creates, alters and drops backends until they are as the flow needs them. Resolves to what was done.
   *
   * @throws SluiceError `setup-conflict`, `setup-failed`, `setup-refused`, `connector-missing`, `flow-held`, and
   * the store's own
   */
  async setup(options: SetupFlowOptions = {}): Promise<SetupPlan> {
    return this.#holding("setup", options, async (held, settings, signal) => {
      const plan = await planFlowSetup(this.plan, held.id, held.record(), held.store);
      if (options.agreed) refuseUnlessAgreed(plan, options.agreed);
      await applyFlowSetup(plan, held, {
        appDirectory: settings.appDirectory,
        report: options.report ?? ignore,
        signal,
      });
      return plan;
    });
  }

  /**
   * Removes every backend that the flow owns, and all that is stored for it. The flow can be set up again.
   *
   * @throws SluiceError `setup-failed`, `connector-missing`, `flow-held`, and the store's own
   */
  async drop(options: VerbOptions = {}): Promise<SetupPlan> {
    return this.#holding("drop", options, (held, settings, signal) =>
      dropFlow(held, { appDirectory: settings.appDirectory, report: options.report ?? ignore, signal }),
    );
  }

  /**
   * Makes the targets at least as fresh as the sources were at the time of the call, doing only the work that
   * changes demand. Rows that failed, listings that were incomplete and deletions that are held for approval are
   * in the info that it resolves to, whose `ok` is then false. Calls while one is under way share one further
   * update, with what any of them asks for: deletions that one of them allows are allowed.
   *
   * @throws SluiceError `setup-needed`, `flow-held`, `interrupted`, and the store's own
   */
  async update(options: UpdateFlowOptions = {}): Promise<UpdateInfo> {
    if (this.#next) return this.#next.join(options);
    const next = new NextUpdate(options);
    this.#next = next;
    const info = this.#running.then(() => {
      this.#next = null;
      return this.#updateNow(next.merged());
    });
    this.#running = info.catch(() => {});
    next.settle(info);
    return next.join(options);
  }

  /**
   * Runs every row through the flow and writes what it yields to one YAML file a row. Targets and store stay
   * as they are.
   *
   * @throws SluiceError `interrupted`, and the store's own
   */
  async evaluateAndDump(options: EvaluateOptions): Promise<EvaluateInfo> {
    this.#checkOpen();
    const { settings } = this;
    const store = options.useCache === false ? null : await openStoreToRead(settings);
    try {
      return await evaluateToFiles({
        plan: this.plan,
        appDirectory: settings.appDirectory,
        clock: settings.clock,
        store,
        outputDir: resolve(options.outputDir),
        report: options.report ?? ignore,
        signal: options.signal ?? never,
      });
    } finally {
      await store?.close();
    }
  }

  /** Forgets the flow in this process, so that its name is free. Touches nothing that is stored. */
  close(): void {
    this.#closed = true;
    this.#onClose();
  }

  #updateNow(options: UpdateFlowOptions): Promise<UpdateInfo> {
    return this.#holding("update", options, (held, settings, signal) =>
      updateFlow(held, {
        plan: this.plan,
        settings,
        reexportTargets: options.reexportTargets ?? false,
        fullReprocess: options.fullReprocess ?? false,
        allowDeletions: options.allowDeletions ?? false,
        report: options.report ?? ignore,
        signal,
      }),
    );
  }

  async #holding<T>(purpose: string, options: VerbOptions, work: HeldWork<T>): Promise<T> {
    this.#checkOpen();
    const { settings } = this;
    return holdFlow({ flow: this.name, id: this.#id(), settings, purpose, options }, (held, signal) =>
      work(held, settings, signal),
    );
  }

  async #reading<T>(
    read: (record: SetupRecord, store: Awaited<ReturnType<typeof openStoreToRead>>) => Promise<T>,
  ): Promise<T> {
    this.#checkOpen();
    const store = await openStoreToRead(this.settings);
    try {
      const stored = (await store?.readSetup(this.#id())) ?? null;
      return await read(
        stored === null ? emptySetupRecord(this.name) : decodeSetupRecord(stored.record),
        store,
      );
    } finally {
      await store?.close();
    }
  }

  #id(): FlowId {
    return flowIdOf(this.name, this.settings);
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new SluiceError("flow-closed", `flow ${this.name} was closed`, {
      where: { flow: this.name },
      hint: "Define it again.",
    });
  }
}

type HeldWork<T> = (held: HeldFlow, settings: Settings, signal: AbortSignal) => Promise<T>;

/** An update that waits for the one under way; everybody who asks meanwhile shares it. */
class NextUpdate {
  readonly #asked: UpdateFlowOptions[] = [];
  #info: Promise<UpdateInfo> | null = null;

  constructor(first: UpdateFlowOptions) {
    this.#asked.push(first);
  }

  settle(info: Promise<UpdateInfo>): void {
    this.#info = info;
  }

  join(options: UpdateFlowOptions): Promise<UpdateInfo> {
    if (!this.#asked.includes(options)) this.#asked.push(options);
    return this.#info!;
  }

  /** What all of them together want: the update stops only when every one of them asks it to. */
  merged(): UpdateFlowOptions {
    const asked = this.#asked;
    const onWait = asked.find((options) => options.onWait)?.onWait;
    return {
      reexportTargets: asked.some((options) => options.reexportTargets),
      fullReprocess: asked.some((options) => options.fullReprocess),
      allowDeletions: widest(asked.map((options) => options.allowDeletions ?? false)),
      wait: asked.some((options) => options.wait),
      takeOver: asked.some((options) => options.takeOver),
      ...(onWait ? { onWait } : {}),
      report: (event) => {
        for (const { report } of asked) report?.(event);
      },
      signal: allAborted(asked.map(({ signal }) => signal ?? never)),
    };
  }
}

const never: AbortSignal = new AbortController().signal;

function ignore(): void {}

/** Between the showing of a plan and its doing, another process may have set the flow up or dropped it. */
function refuseUnlessAgreed(plan: SetupPlan, agreed: SetupPlan): void {
  const gist = ({ actions }: SetupPlan) =>
    canonicalJson(
      actions.map(({ verb, name, targetKind, key, changes }) => [verb, name, targetKind, key, changes]),
    );
  if (plan.actions.length === 0 || gist(plan) === gist(agreed)) return;
  throw new SluiceError("setup-refused", "what must be set up has changed since it was shown", {
    where: { flow: plan.flow },
    hint: "Another process has worked on the flow meanwhile; look at the plan again.",
  });
}

/** The approval that covers them all: they share one pass, which holds nothing that anybody approved. */
function widest(approvals: readonly (boolean | number)[]): boolean | number {
  if (approvals.includes(true)) return true;
  return Math.max(0, ...approvals.filter((approval) => typeof approval === "number"));
}

/** Aborts once every one of them has. */
function allAborted(signals: readonly AbortSignal[]): AbortSignal {
  if (signals.length === 1) return signals[0]!;
  const all = new AbortController();
  const check = () => {
    if (signals.every((signal) => signal.aborted)) all.abort();
  };
  for (const signal of signals) signal.addEventListener("abort", check, { once: true });
  check();
  return all.signal;
}
