import { randomBytes } from "node:crypto";
import type { UpdateInfo } from "../contracts/events.ts";
import type { TargetDefinition } from "../contracts/target.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import { broken } from "./conformance-suite.ts";
import { KitFlow } from "./kit-flow.ts";
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
  readonly #name = `Kit_${randomBytes(6).toString("hex")}`;
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

/** Fails unless the update did all that it was to do. */
export function expectOk(info: UpdateInfo, what: string): UpdateInfo {
  if (info.ok) return info;
  const errors = [...info.failures, ...info.incomplete, ...info.held].map(({ error }) => error.message);
  return broken(`${what} did not land every row: ${errors.slice(0, 3).join("; ")}`);
}

function useOf({ backend, wrap }: FlowExport): AnyTargetUse {
  return wrap ? { ...backend.use, definition: wrap(backend.definition) } : backend.use;
}

function optionsOf({ backend, setupByUser = false }: FlowExport) {
  const { indexes, attachments } = backend.options;
  return {
    primaryKeyFields: backend.schema.fields.keyFields.map(({ name }) => name) as unknown as ["anyField"],
    vectorIndexes: indexes.vector as never,
    ftsIndexes: indexes.fts as never,
    attachments,
    setupByUser,
  };
}
