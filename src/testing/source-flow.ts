import { z } from "zod";
import { defineTarget } from "../contracts/define-target.ts";
import type { UpdateInfo } from "../contracts/events.ts";
import type { SourceUse } from "../contracts/source.ts";
import { systemClock } from "../kernel/clock.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import { broken } from "./conformance-suite.ts";
import { expectOk } from "./flow-outcome.ts";
import { KitFlow, newFlowName } from "./kit-flow.ts";
import type { AnyFields } from "./kit-source.ts";
import { LiveFlow } from "./live-flow.ts";
import { type ForeignRow, inBrief, type KitRow, type RowSchema, type Struct } from "./row-schema.ts";

const sourceName = "rows";

/** What an update did with the rows of the source. */
type Work = Pick<UpdateInfo["sources"][string], "inserted" | "updated" | "deleted" | "read">;

export interface SourceFlowOptions {
  readonly use: SourceUse<unknown>;
  readonly appDirectory: string;
  readonly schema: RowSchema;
  /** How long it may take until the target follows a change. */
  readonly watchTimeoutMs: number;
}

/** How long it may take until a flow follows its source, and until it has stopped. */
const liveTimeoutMs = 30_000;

/** A flow from the source that is tested to a target in memory, with a store in memory. */
export class SourceFlow {
  readonly #flow: KitFlow;
  readonly #schema: RowSchema;
  readonly #watchTimeoutMs: number;
  readonly #rows = new Map<string, ForeignRow>();
  #isSetUp = false;
  #live: LiveFlow | null = null;

  constructor({ use, appDirectory, schema, watchTimeoutMs }: SourceFlowOptions) {
    this.#schema = schema;
    this.#watchTimeoutMs = watchTimeoutMs;
    const { keyFields, valueFields } = schema.fields;
    const names = [...keyFields, ...valueFields].map(({ name }) => name as keyof AnyFields);
    const options = {
      name: newFlowName(),
      appDirectory,
      store: openMemoryStore(),
      clock: systemClock,
      callTimeoutMs: 60_000,
    };
    this.#flow = KitFlow.define(options, (flow) => {
      const rows = flow.addCollector<AnyFields>();
      flow.addSource(sourceName, use as SourceUse<AnyFields>).forEachRow((row) => {
        const fields = names.map((name) => [name, row.field(name)]);
        rows.collect(Object.fromEntries(fields));
      });
      const [first, ...others] = names.slice(0, keyFields.length);
      rows.export("Rows", this.#target(), { primaryKeyFields: [first!, ...others] });
    });
  }

  /** What the target holds. */
  get rows(): readonly KitRow[] {
    return [...this.#rows.values()].map((row) => this.#schema.row(row));
  }

  /** An update, whatever comes of it. */
  async update(): Promise<UpdateInfo> {
    await this.#setUp();
    return this.#flow.update();
  }

  /** Starts a live update; resolves when it has caught up. */
  async follow(): Promise<void> {
    await this.#setUp();
    this.#live = new LiveFlow(this.#flow);
    await this.#live.caughtUp(liveTimeoutMs);
  }

  /** Resolves when the live update has brought the target to just these rows. */
  async comesTo(rows: readonly KitRow[], when: string): Promise<void> {
    const what = `${when} the target of a flow that follows the source`;
    const differences = () => this.#schema.differences(this.#rows.values(), rows, what);
    const isThere = () => differences().length === 0;
    await this.#live!.until(() => `${what} still ${inBrief(differences())}`, isThere, this.#watchTimeoutMs);
  }

  /** Stops the live update, which must have landed every row. */
  async stopFollowing(): Promise<void> {
    expectOk(await this.#live!.stop(liveTimeoutMs), "a live update");
    this.#live = null;
  }

  /** An update that must land every row, with just this work where some is given. */
  async expectUpdate(what: string, work: Partial<Work> = {}): Promise<UpdateInfo> {
    const info = expectOk(await this.update(), what);
    const done = info.sources[sourceName]!;
    for (const [name, count] of Object.entries(work)) {
      const seen = done[name as keyof Work];
      if (seen !== count) broken(`${what}: ${seen} rows were ${name}, where ${count} were due`);
    }
    return info;
  }

  /** Fails unless the target holds just these rows. */
  expectRows(rows: Iterable<KitRow>, when: string): void {
    this.#schema.expectSame(this.#rows.values(), rows, `${when} the target of a flow`);
  }

  /** How many rows the last update wrote to the target, and deleted from it. */
  writesOf({ targets }: UpdateInfo): number {
    const { upserted = 0, deleted = 0 } = targets.Rows ?? {};
    return upserted + deleted;
  }

  /** Removes all that the flow owns. */
  async drop(): Promise<void> {
    await this.#flow.drop();
    this.#isSetUp = false;
  }

  async close(): Promise<void> {
    await this.#live?.stop(liveTimeoutMs).catch(() => {});
    if (this.#isSetUp) await this.drop().catch(() => {});
    this.#flow.close();
  }

  async #setUp(): Promise<void> {
    if (!this.#isSetUp) await this.#flow.setup();
    this.#isSetUp = true;
  }

  #target() {
    const [rows, schema] = [this.#rows, this.#schema];
    const target = defineTarget({
      kind: "sluiceKitTarget",
      spec: z.object({}),
      getPersistentKey: () => "rows",
      applySetupChange() {},
      mutate(batches) {
        for (const { key, value } of batches.flatMap(({ mutations }) => mutations)) {
          const row = { key: key as Struct, value: value as Struct };
          if (value === null) rows.delete(schema.idOf(row));
          else rows.set(schema.idOf(row), { key: schema.givenKey(row.key), value });
        }
      },
    });
    return target({});
  }
}
