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
import type { ForeignRow, KitRow, RowSchema, Struct } from "./row-schema.ts";

const sourceName = "rows";

/** What an update did with the rows of the source. */
type Work = Pick<UpdateInfo["sources"][string], "inserted" | "updated" | "deleted" | "read">;

/** A flow from the source that is tested to a target in memory, with a store in memory. */
export class SourceFlow {
  readonly #flow: KitFlow;
  readonly #schema: RowSchema;
  readonly #rows = new Map<string, ForeignRow>();
  #isSetUp = false;

  constructor(use: SourceUse<unknown>, appDirectory: string, schema: RowSchema) {
    this.#schema = schema;
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

  /** An update, whatever comes of it. */
  async update(): Promise<UpdateInfo> {
    if (!this.#isSetUp) await this.#flow.setup();
    this.#isSetUp = true;
    return this.#flow.update();
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

  close(): void {
    this.#flow.close();
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
