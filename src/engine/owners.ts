import type { FlowId, OwnerAddress, OwnerWrite, StateStore, TargetId } from "../contracts/state-store.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import { KeyLocks } from "../kernel/key-locks.ts";
import type { Plan } from "../plan/index.ts";
import type { Bindings } from "./bindings.ts";
import { ClaimOrder, type ClaimRules } from "./claims.ts";
import { decodeOwnerRecord, encodeOwnerRecord, type OwnerRecord } from "./owner-record.ts";

export interface OwnersOptions {
  readonly store: Pick<StateStore, "readOwners">;
  readonly flow: FlowId;
  readonly plan: Plan;
  readonly bindings: Bindings;
  /** Whether to write also what is there already. */
  rewrite(): boolean;
  readonly signal: AbortSignal;
}

/** The owner index of a flow: which rows claim the keys that several may yield. One row at a time changes a key. */
export class Owners {
  readonly order: ClaimOrder;
  readonly #options: OwnersOptions;
  readonly #locks = new KeyLocks();
  /** Of the targets whose keys are kept: whether no two rows may yield one key. */
  readonly #strict = new Map<TargetId, boolean>();

  constructor(options: OwnersOptions) {
    const { plan, bindings } = options;
    this.#options = options;
    this.order = new ClaimOrder(bindings.order);
    bindings.targets.forEach(({ id, indexed }, index) => {
      if (indexed) this.#strict.set(id, plan.exports[index]!.step.onDuplicateKey === "error");
    });
  }

  /** The targets whose keys are kept. */
  get targets(): readonly TargetId[] {
    return [...this.#strict.keys()];
  }

  keeps(target: TargetId): boolean {
    return this.#strict.has(target);
  }

  rulesOf(target: TargetId): ClaimRules {
    return { order: this.order, strict: this.#strict.get(target)!, rewrite: this.#options.rewrite() };
  }

  /** Does the work while nobody else changes these keys, with what is kept of them. */
  holding<T>(keys: readonly OwnerAddress[], work: (known: KnownOwners) => Promise<T>): Promise<T> {
    const { store, flow, signal } = this.#options;
    const byName = new Map(keys.map((key) => [nameOf(key), key]));
    return this.#locks.holding([...byName.keys()], signal, async () => {
      const records = await store.readOwners(flow, [...byName.values()]);
      return work(new KnownOwners([...byName.keys()], records));
    });
  }
}

/** What is kept of some target keys. */
export class KnownOwners {
  readonly #records: ReadonlyMap<string, OwnerRecord | null>;

  constructor(names: readonly string[] = [], records: readonly (Uint8Array | null)[] = []) {
    this.#records = new Map(
      names.map((name, at) => [name, records[at] ? decodeOwnerRecord(records[at]) : null]),
    );
  }

  get(address: OwnerAddress): OwnerRecord | null {
    return this.#records.get(nameOf(address)) ?? null;
  }
}

export function ownerWrite({ target, key }: OwnerAddress, record: OwnerRecord | null): OwnerWrite {
  return { target, key, record: record && encodeOwnerRecord(record), owed: record?.owed ?? false };
}

function nameOf({ target, key }: OwnerAddress): string {
  return `${target}:${bytesToMapKey(key)}`;
}
