import { resolve } from "node:path";
import type { UpdateInfo } from "../contracts/events.ts";
import type { FlowId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";
import {
  decodeSetupRecord,
  emptySetupRecord,
  isSetupNeeded,
  type SetupPlan,
  type SetupRecord,
} from "../setup/index.ts";
import { checkSources } from "./check-sources.ts";
import { countSourceChanges } from "./count-plan-rows.ts";
import { type EvaluateInfo, evaluateToFiles } from "./evaluate-flow.ts";
import { explainRows } from "./explain/explain-rows.ts";
import { explainTargetRow } from "./explain/explain-target.ts";
import type { RowExplanation, TargetRowExplanation } from "./explain/explanation.ts";
import { flowOnRecord } from "./explain/flow-on-record.ts";
import { flowIdOf } from "./flow-id.ts";
import type { FlowPlans } from "./flow-plans.ts";
import { FlowUpdates } from "./flow-updates.ts";
import { type HeldFlow, holdFlow } from "./held-flow.ts";
import { LiveUpdater } from "./live-updater.ts";
import { openStoreToRead } from "./open-store.ts";
import { planCountedDrop, planCountedSetup, refuseUnlessAgreed } from "./plan-setup.ts";
import type { QueryHandler, QueryHandlerInfo } from "./query-handler.ts";
import { QueryHandlers, type QueryOptions, type QueryResult } from "./query-handlers.ts";
import { renewSourceSetups } from "./renew-source-setups.ts";
import { type Settings, settingsFor } from "./settings.ts";
import { applyFlowSetup, dropFlow, planFlowSetup, type SetupResult } from "./setup-flow.ts";
import { type StoredFailure, storedFailures } from "./stored-failures.ts";
import { refuseUnlessSetUp } from "./update-flow.ts";
import type {
  DropFlowOptions,
  EvaluateOptions,
  LiveUpdateOptions,
  PlanSetupOptions,
  SetupFlowOptions,
  UpdateFlowOptions,
  VerbOptions,
  VerifyFlowOptions,
} from "./verb-options.ts";
import { type VerifyInfo, verifyFlow } from "./verify-flow.ts";

/** How a flow stands with its store: nothing recorded, something to do, all as it should be. */
export type SetupStatus = "not set up" | "needs setup" | "ready";

/** A defined flow: what `defineFlow` returns, and what the command line works on. */
export class Flow {
  readonly name: string;
  readonly #plans: Pick<FlowPlans, "flow" | "in">;
  readonly #directory: string;
  readonly #onClose: () => void;
  #closed = false;
  readonly #updates: FlowUpdates;
  readonly #queries: QueryHandlers;

  /** Use `defineFlow`. */
  constructor(plans: Pick<FlowPlans, "flow" | "in">, directory: string, onClose: () => void) {
    this.name = plans.flow;
    this.#plans = plans;
    this.#directory = directory;
    this.#onClose = onClose;
    this.#queries = new QueryHandlers(this.name);
    this.#updates = new FlowUpdates(
      () => this.plan,
      (options, work) => this.#holding("update", options, work),
    );
  }

  /** The plan that the flow is compiled to: its sources, steps, types and exports. */
  get plan(): Plan {
    return this.#plans.in(this.settings.appNamespace);
  }

  /** The settings that the flow works with now. */
  get settings(): Settings {
    return settingsFor(this.#directory);
  }

  /**
   * What setup would do, with the number of rows that it touches; with `afterDrop`, what it would do if the flow were
   * dropped first. Changes nothing.
   *
   * @throws SluiceError `setup-conflict`, with `adopt` also `setup-failed`, and the store's own
   */
  async planSetup(options: PlanSetupOptions & { readonly afterDrop?: boolean } = {}): Promise<SetupPlan> {
    const { appDirectory } = this.settings;
    return this.#reading((known, store) => {
      const record = options.afterDrop ? emptySetupRecord(this.name) : known;
      const flow = { plan: this.plan, id: this.#id(), record, store };
      return planCountedSetup(flow, { ...options, appDirectory, signal: never, readBack: true });
    });
  }

  /** What drop would do, with the number of rows that are lost. Changes nothing. */
  async planDrop(options: Pick<PlanSetupOptions, "forget"> = {}): Promise<SetupPlan> {
    return this.#reading((record, store) => planCountedDrop({ id: this.#id(), record, store }, options));
  }

  /** How the flow stands with its store. */
  async setupStatus(): Promise<SetupStatus> {
    return this.#reading(async (record, store) => {
      const flow = { plan: this.plan, id: this.#id(), record, store };
      const setup = await countSourceChanges(await planFlowSetup(flow), { store, flow: flow.id });
      if (!isSetupNeeded(setup)) return "ready";
      return record.targets.length === 0 ? "not set up" : "needs setup";
    });
  }

  /**
   * Creates, alters and drops backends, and what sources need beside their rows, until they are as the flow needs
   * them. Resolves to what was done. Where a source does not fit the outside system, nothing is changed.
   *
   * @throws SluiceError `setup-conflict`, `setup-failed`, `setup-refused`, `connector-missing`, `flow-held`, and
   * the store's own
   */
  async setup(options: SetupFlowOptions = {}): Promise<SetupResult> {
    return this.#holding("setup", options, async (held, { appDirectory }, signal) => {
      const { plan } = this;
      const flow = { plan, id: held.id, record: held.record(), store: held.store };
      const setup = await planCountedSetup(flow, { ...options, appDirectory, signal, readBack: false });
      if (options.agreed) refuseUnlessAgreed(setup, options.agreed);
      await checkSources(plan, { appDirectory, signal });
      const { forget = false, report = ignore } = options;
      const result = await applyFlowSetup(setup, { held, plan, forget, appDirectory, report, signal });
      await renewSourceSetups(plan, setup, { appDirectory, signal });
      return result;
    });
  }

  /**
   * Removes every backend that the flow owns, and all that is stored of its rows. The flow can be set up again; its
   * memos are kept for that, as long as memos are that no row uses. Resolves
   * to what was done.
   *
   * @throws SluiceError `setup-failed`, `connector-missing`, `flow-held`, and the store's own
   */
  async drop(options: DropFlowOptions = {}): Promise<SetupResult> {
    const { forget = false, report = ignore } = options;
    return this.#holding("drop", options, (held, { appDirectory }, signal) =>
      dropFlow(held, { forget, appDirectory, report, signal }),
    );
  }

  /**
   * Makes the targets at least as fresh as the sources were at the time of the call, doing only the work that
   * changes demand. Rows that failed, listings that were incomplete and deletions that are held for approval are
   * in the info that it resolves to, whose `ok` is then false. Calls while one is under way share one further
   * update, with what any of them asks for: deletions that one of them allows are allowed.
   *
   * @throws SluiceError `setup-needed`, `flow-held`, `interrupted`, `option-invalid`, and the store's own
   */
  async update(options: UpdateFlowOptions = {}): Promise<UpdateInfo> {
    if (options.retryFailed && options.fullReprocess) throw cannotGoTogether(this.name);
    return this.#updates.update(options);
  }

  /**
   * An update that goes on: it follows the changes of sources that are watched or have a `refreshInterval`, until it is
   * stopped. It begins with `start`, or with whatever waits for it. Meanwhile `update` makes one more pass over all
   * sources.
   *
   * @throws SluiceError when it begins: `setup-needed`, `flow-held`, `interrupted`, and the store's own
   */
  liveUpdate(options: LiveUpdateOptions = {}): LiveUpdater {
    return new LiveUpdater(this.#updates, options);
  }

  /**
   * Reads back what the targets hold and compares it with what the store knows that they should. What is missing,
   * extra, different or pending is in the info that it resolves to, whose `ok` is then false. With `repair` it is put
   * right: just those rows are written or deleted, and the targets are read once more. Rows that are pending since the
   * flow has changed are left to the next update. No update runs meanwhile.
   *
   * @throws SluiceError `setup-needed`, `flow-held`, `interrupted`, `option-invalid`, and the store's own
   */
  async verify(options: VerifyFlowOptions = {}): Promise<VerifyInfo> {
    const { limit = namedFindings } = options;
    checkLimit(limit);
    // Before the store is made or the flow is taken, where there is nothing to verify yet.
    refuseUnlessSetUp(await this.planSetup());
    return this.#holding("verify", options, (held, settings, signal) =>
      verifyFlow(held, {
        plan: this.plan,
        settings,
        repair: options.repair ?? false,
        allowDeletions: options.allowDeletions ?? false,
        limit,
        report: options.report ?? ignore,
        signal,
      }),
    );
  }

  /**
   * What failed in earlier updates and is kept: rows by source and key, then target rows that could not be deleted.
   *
   * @throws SluiceError the store's own
   */
  async *failures(): AsyncGenerator<StoredFailure, void, void> {
    this.#checkOpen();
    const store = await openStoreToRead(this.settings);
    if (store === null) return;
    try {
      yield* storedFailures(store, this.#id());
    } finally {
      await store.close();
    }
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
        random: settings.random,
        store,
        outputDir: resolve(options.outputDir),
        report: options.report ?? ignore,
        signal: options.signal ?? never,
      });
    } finally {
      await store?.close();
    }
  }

  /**
   * Tells of the rows of this key, one for each source that has it, when and why they last ran, what that did and how
   * they stand. The key is given as it is, its one field alone, or as text such as messages name it by.
   *
   * @throws SluiceError `row-missing`, and the store's own
   */
  async explain(
    key: unknown,
    { source = null }: { readonly source?: string | null } = {},
  ): Promise<readonly RowExplanation[]> {
    return this.#reading((record, store) =>
      explainRows(flowOnRecord({ plan: this.plan, id: this.#id(), record, store }), key, source),
    );
  }

  /**
   * Tells which row of a source a row of an export's target comes from, and which others yield it too.
   *
   * @throws SluiceError `row-missing`, and the store's own
   */
  async explainTarget(target: string, key: unknown): Promise<TargetRowExplanation> {
    return this.#reading((record, store) =>
      explainTargetRow(flowOnRecord({ plan: this.plan, id: this.#id(), record, store }), target, key),
    );
  }

  /**
   * Adds what answers queries about what the flow keeps, for `query` and `sluice query`. It says what people ask and
   * not what targets hold, so adding or changing one makes nothing run again.
   *
   * @example
   * pages.addQueryHandler({
   *   name: "search",
   *   handler: async (query, { signal }) => nearest(await textToEmbedding.eval(query, { signal })),
   *   resultFields: { score: "score" },
   * });
   *
   * @throws SluiceError `name-invalid`, `name-duplicate`, `option-invalid`
   */
  addQueryHandler<Row extends object>(handler: QueryHandler<Row>): void {
    this.#checkOpen();
    this.#queries.add(handler);
  }

  /** The query handlers that were added, in that order. */
  get queryHandlers(): readonly QueryHandlerInfo[] {
    return this.#queries.all();
  }

  /**
   * Asks the query handler of this name.
   *
   * @throws SluiceError `query-handler-missing`, `query-failed`, `interrupted`, `option-invalid`, and those that the
   * handler throws
   */
  async query(handler: string, query: string, options: QueryOptions = {}): Promise<QueryResult> {
    this.#checkOpen();
    return this.#queries.run(handler, query, { ...options, appDirectory: this.settings.appDirectory });
  }

  /** Forgets the flow in this process, so that its name is free. Touches nothing that is stored. */
  close(): void {
    this.#closed = true;
    this.#onClose();
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

/** How many rows of each kind a verification names. */
const namedFindings = 100;

function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 0) return;
  throw new SluiceError("option-invalid", `limit must be a whole number, not ${limit}`);
}

const never: AbortSignal = new AbortController().signal;

function ignore(): void {}

function cannotGoTogether(flow: string): SluiceError {
  return new SluiceError("option-invalid", "an update cannot have both retryFailed and fullReprocess", {
    where: { flow },
    hint: "A full reprocess tries every failed row again, too.",
  });
}
