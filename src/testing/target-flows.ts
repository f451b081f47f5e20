import type { TargetDefinition } from "../contracts/target.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import { KitFlow, newFlowName } from "./kit-flow.ts";
import { type AnyFields, KitSource } from "./kit-source.ts";
import { type AnyTargetUse, exportName, type TargetBackend } from "./target-backend.ts";

/** An export of the kit's flow. */
export interface FlowExport {
  readonly backend: TargetBackend;
  /** Default: the name that the kit gives every export. */
  readonly name?: string;
  readonly setupByUser?: boolean;
  /** Stands between the engine and the target, to fail in its stead. */
  readonly wrap?: (definition: TargetDefinition) => TargetDefinition;
}

/** The flow of a case: from a source in memory to backends of the target, with a store in memory. */
export class TargetFlows {
  readonly source: KitSource = new KitSource();
  readonly #store = openMemoryStore();
  readonly #name = newFlowName();
  readonly #appDirectory: string;
  readonly #callTimeoutMs: number;
  #flow: KitFlow | null = null;

  constructor(appDirectory: string, callTimeoutMs: number) {
    this.#appDirectory = appDirectory;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** The flow with these exports; it takes the place of the one before, whose name and records it has. */
  define(...exports: readonly FlowExport[]): KitFlow {
    this.#flow?.close();
    const options = {
      name: this.#name,
      appDirectory: this.#appDirectory,
      store: this.#store,
      clock: impatientClock(this.#callTimeoutMs),
      callTimeoutMs: this.#callTimeoutMs,
    };
    const { schema } = exports[0]!.backend;
    const { keyFields, valueFields } = schema.fields;
    const names = [...keyFields, ...valueFields].map(({ name }) => name as keyof AnyFields);
    this.#flow = KitFlow.define(options, (flow) => {
      const rows = flow.addCollector<AnyFields>();
      flow.addSource("rows", this.source.use(schema)).forEachRow(({ entry }) => {
        const fields = names.map((name) => [name, entry.field(name)]);
        rows.collect(Object.fromEntries(fields));
      });
      for (const wanted of exports) {
        rows.export(wanted.name ?? exportName, useOf(wanted), optionsOf(wanted));
      }
    });
    return this.#flow;
  }

  dispose(): void {
    this.#flow?.close();
  }
}

/** The engine waits before it tries again what failed; here nothing gets better by waiting. Time limits are kept. */
function impatientClock(callTimeoutMs: number): Clock {
  return {
    ...systemClock,
    async sleep(ms, signal) {
      if (ms >= callTimeoutMs) return systemClock.sleep(ms, signal);
      await systemClock.idle();
      signal?.throwIfAborted();
    },
  };
}

function useOf({ backend, wrap }: FlowExport): AnyTargetUse {
  return wrap ? { ...backend.use, definition: wrap(backend.definition) } : backend.use;
}

function optionsOf({ backend, setupByUser = false }: FlowExport) {
  const { indexes, attachments } = backend.options;
  const [first, ...others] = backend.schema.fields.keyFields.map(({ name }) => name as keyof AnyFields);
  return {
    primaryKeyFields: [first!, ...others] as const,
    vectorIndexes: indexes.vector as never,
    ftsIndexes: indexes.fts as never,
    attachments,
    setupByUser,
  };
}
