import { z } from "zod";
import type { MutationBatch, TargetConfig, TargetRow } from "../../src/contracts/target.ts";
import { defineTarget, int64, json, type TargetUse } from "../../src/index.ts";

export const warehouseKey = z.object({ id: z.string(), part: z.string().max(400) });
export const warehouseValue = z.object({
  text: z.string(),
  note: z.string().nullable(),
  count: int64(),
  tags: json(),
});

type Key = z.output<typeof warehouseKey>;
type State = {
  readonly floor: string;
  readonly paint: string;
  readonly music: string;
  readonly fields: readonly string[];
};

const spec = z.object({
  hall: z.string(),
  floor: z.string().default("wood"),
  paint: z.string().default("white"),
  music: z.string().default("none"),
});

/** What the outside system keeps of one backend. */
export interface Hall {
  readonly rows: Map<string, TargetRow<Key, unknown>>;
  /** The greatest lease number that wrote here. */
  lease: number;
}

interface Opened {
  readonly hall: string;
  closed: boolean;
}

export type WarehouseBatch = MutationBatch<Opened, Key, unknown>;
export type WarehouseConfig = TargetConfig<typeof spec, typeof warehouseKey, z.ZodUnknown, State, Opened>;
type Honest = Required<Omit<WarehouseConfig, "value" | "inspect">>;
/** What a target does in the place of what is right. */
export type Faults = (honest: Honest, warehouse: Warehouse) => Partial<WarehouseConfig>;

let kinds = 0;

/** An outside system in memory, and a target that keeps it as it should: atomic, fenced, to be read back. */
export class Warehouse {
  readonly halls = new Map<string, Hall>();
  /** What others have put into halls. */
  readonly strangers = new Set<string>();
  readonly #kind = `warehouse${++kinds}`;

  target(faults: Faults = () => ({})): (given: z.input<typeof spec>) => TargetUse<Key, unknown> {
    const honest = this.#honest();
    const { value: _, ...config }: WarehouseConfig = { ...honest, ...faults(honest, this) };
    return defineTarget(config);
  }

  rows(hall: string): TargetRow<Key, unknown>[] | null {
    const found = this.halls.get(hall);
    return found ? [...found.rows.values()] : null;
  }

  hall(name: string): Hall {
    const hall = this.halls.get(name);
    if (!hall) throw new Error(`there is no hall ${name}`);
    return hall;
  }

  /** Applies writes, without a question. */
  apply(batches: readonly WarehouseBatch[]): void {
    for (const { target, mutations } of batches) {
      const { rows } = this.hall(target.hall);
      for (const { key, value } of mutations) {
        const id = idOf(key);
        if (value === null) rows.delete(id);
        else rows.set(id, structuredClone({ key, value }));
      }
    }
  }

  #honest(): Honest {
    return {
      kind: this.#kind,
      spec,
      key: warehouseKey,
      version: 1,
      capabilities: { atomic: true, fenced: true },
      getPersistentKey: ({ hall }) => hall,
      setupState: ({ spec: { floor, paint, music }, schema }) => {
        return { floor, paint, music, fields: schema.valueFields.map(({ name }) => name) };
      },
      compare: (previous, wanted) => {
        if (previous.floor !== wanted.floor) return "destructive";
        if (previous.fields.join() !== wanted.fields.join()) return "lossy";
        return previous.paint === wanted.paint ? "unchanged" : "compatible";
      },
      describe: (key) => `hall ${key}`,
      applySetupChange: ({ key, current }) => {
        const name = String(key);
        if (current === null) this.halls.delete(name);
        else if (!this.halls.has(name)) this.halls.set(name, { rows: new Map(), lease: 0 });
      },
      prepare: ({ hall }) => ({ hall, closed: false }),
      mutate: async (batches, { signal, leaseNumber }) => {
        await Promise.resolve();
        signal.throwIfAborted();
        this.check(batches, leaseNumber);
        this.apply(batches);
        for (const { target } of batches) this.hall(target.hall).lease = leaseNumber;
      },
      readBack: ({ hall }) => [this.rows(hall)!],
      close: (opened) => {
        opened.closed = true;
      },
    };
  }

  /** Refuses what must be refused. */
  check(batches: readonly WarehouseBatch[], leaseNumber: number): void {
    for (const { target, mutations } of batches) {
      if (target.closed) throw new Error("the warehouse is closed");
      if (leaseNumber < this.hall(target.hall).lease) throw new Error("another writer has taken over");
      if (mutations.some(isForbidden)) throw new Error("these goods are forbidden");
    }
  }
}

export function idOf({ id, part }: Key): string {
  return JSON.stringify([id, part]);
}

export function isForbidden({ value }: { readonly value: unknown }): boolean {
  return (value as { readonly text?: unknown } | null)?.text === "forbidden";
}
