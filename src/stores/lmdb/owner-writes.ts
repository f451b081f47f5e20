import type { OwnerWrite, TargetId } from "../../contracts/state-store.ts";
import type { Environment } from "./environment.ts";
import type { FlowRecord } from "./flow-record.ts";
import { type OwnerPlace, replaceKeyed } from "./keyed-records.ts";
import { flowPrefix, keyedPrefix, ownerCountKey } from "./keys.ts";
import { noOwners, type OwnerCount, putOwnerCount, readOwnerCount, recounted } from "./owner-count.ts";
import { putOwner, readOwner } from "./owner-records.ts";
import { removeRange } from "./remove-range.ts";

interface OpenTarget {
  readonly place: OwnerPlace;
  readonly before: OwnerCount;
  count: OwnerCount;
}

const mark = new Uint8Array(0);

/** The part of one write that changes the owner index. */
export class OwnerWrites {
  readonly #environment: Environment;
  readonly #flow: FlowRecord;
  readonly #targets = new Map<TargetId, OpenTarget>();

  constructor(environment: Environment, flow: FlowRecord) {
    this.#environment = environment;
    this.#flow = flow;
  }

  write({ target: id, key, record, owed }: OwnerWrite): void {
    const { tree } = this.#environment;
    const target = this.#open(id);
    const { place } = target;
    const before = readOwner(tree, place, key);
    const was = { all: before ? 1 : 0, owed: before?.owed ? 1 : 0 };
    const is = { all: record ? 1 : 0, owed: record && owed ? 1 : 0 };
    if (record) putOwner(tree, { place, key }, { owed, record });
    else if (before) replaceKeyed(tree, { kind: "owner", place, key }, null);
    if (is.owed !== was.owed) replaceKeyed(tree, { kind: "owed", place, key }, is.owed ? mark : null);
    const by = { all: is.all - was.all, owed: is.owed - was.owed };
    if (by.all !== 0 || by.owed !== 0) target.count = recounted(target.count, by);
  }

  removeTarget(id: TargetId): void {
    const { tree } = this.#environment;
    const target = this.#open(id);
    for (const kind of ["owner", "owed"] as const) removeRange(tree, keyedPrefix(kind, this.#flow.id, id));
    tree.remove(ownerCountKey(this.#flow.id, id));
    target.count = noOwners;
  }

  /** Removes all of the flow. To be called before anything else. */
  removeAll(): void {
    for (const kind of ["owner", "owed", "ownerCount"] as const) {
      removeRange(this.#environment.tree, flowPrefix(kind, this.#flow.id));
    }
  }

  /** Puts the counts that changed. */
  close(): void {
    for (const { place, before, count } of this.#targets.values()) {
      if (count !== before && count.changes !== 0) putOwnerCount(this.#environment.tree, place, count);
    }
  }

  #open(id: TargetId): OpenTarget {
    const known = this.#targets.get(id);
    if (known) return known;
    const { tree, file } = this.#environment;
    const place = { flow: this.#flow.name, flowNumber: this.#flow.id, target: id, file };
    const before = readOwnerCount(tree, place);
    const opened: OpenTarget = { place, before, count: before };
    this.#targets.set(id, opened);
    return opened;
  }
}
