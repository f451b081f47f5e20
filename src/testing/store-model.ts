import type {
  OwnerAddress,
  OwnerWrite,
  RowAddress,
  RowWrite,
  SourceId,
  StoreWrite,
  TargetId,
} from "../contracts/state-store.ts";
import { compareBytes } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/fingerprint.ts";
import { type DumpQuestions, hexOf, type Listed, type StoreDump, toHex } from "./store-dump.ts";
import type { StoreOperation } from "./store-operations.ts";

interface ModelRow {
  readonly source: SourceId;
  readonly key: Uint8Array;
  version: string | null;
  outputs: string | null;
  failure: string | null;
  trace: string | null;
  memos: ReadonlySet<Fingerprint>;
}

interface ModelOwner {
  readonly target: TargetId;
  readonly key: Uint8Array;
  readonly record: string;
  readonly owed: boolean;
}

/** What a store of one flow must hold, in the plainest way: maps, and references counted afresh each time. */
export class StoreModel {
  generation = 0;
  setup: string | null = null;
  readonly rows = new Map<string, ModelRow>();
  readonly owners = new Map<string, ModelOwner>();
  doubts: readonly string[] = [];
  readonly memos = new Map<Fingerprint, { result: string; since: number }>();

  /** Does an operation; how many memos were collected, if it collects. */
  perform(operation: StoreOperation, now: number): number {
    if (operation.kind === "collect") return this.#collect(operation.retentionMs, now);
    if (operation.kind === "doubt") this.doubts = [...this.doubts, hexOf(operation.doubt)];
    if (operation.kind === "settle") this.doubts = this.doubts.slice(operation.count);
    if (operation.kind === "write" || operation.kind === "settle") this.#apply(operation.write, now);
    return 0;
  }

  dump({ sources, rows, targets, owners, memos }: DumpQuestions): StoreDump {
    return {
      setup: this.setup === null ? null : { record: this.setup, generation: this.generation },
      sources: Object.fromEntries(sources.map((source) => [source, this.#source(source)])),
      rows: rows.map((address) => {
        const row = this.rows.get(nameOfRow(address));
        return [row?.version ?? null, row?.outputs ?? null, row?.failure ?? null, row?.trace ?? null];
      }),
      targets: Object.fromEntries(targets.map((target) => [target, this.#target(target)])),
      owners: owners.map((address) => this.owners.get(nameOfOwner(address))?.record ?? null),
      doubts: this.doubts,
      memos: memos.map((fingerprint) => this.memos.get(fingerprint)?.result ?? null),
    };
  }

  #apply(write: Omit<StoreWrite, "fence">, now: number): void {
    const referredBefore = this.#referred();
    if (write.removeFlow) this.#removeFlow();
    for (const source of write.removeSources ?? []) {
      for (const [name, row] of this.rows) if (row.source === source) this.rows.delete(name);
    }
    for (const target of write.removeTargets ?? []) {
      for (const [name, owner] of this.owners) if (owner.target === target) this.owners.delete(name);
    }
    for (const row of write.rows ?? []) this.#applyRow(row);
    for (const owner of write.owners ?? []) this.#applyOwner(owner);
    if (write.setup) this.setup = hexOf(write.setup);
    if (write.setup || write.removeFlow) this.generation++;
    const referred = this.#referred();
    for (const [fingerprint, memo] of this.memos) {
      if (referredBefore.has(fingerprint) && !referred.has(fingerprint)) memo.since = now;
    }
    for (const { fingerprint, result } of write.memos ?? []) {
      this.memos.set(fingerprint, { result: hexOf(result), since: now });
    }
  }

  #removeFlow(): void {
    this.rows.clear();
    this.owners.clear();
    this.doubts = [];
    this.setup = null;
  }

  #collect(retentionMs: number, now: number): number {
    const referred = this.#referred();
    const due = [...this.memos].filter(
      ([name, { since }]) => !referred.has(name) && since <= now - retentionMs,
    );
    for (const [fingerprint] of due) this.memos.delete(fingerprint);
    return due.length;
  }

  #applyRow({ source, key, version, outputs, failure, trace, memos }: RowWrite): void {
    const name = nameOfRow({ source, key });
    const row: ModelRow = this.rows.get(name) ?? {
      source,
      key,
      version: null,
      outputs: null,
      failure: null,
      trace: null,
      memos: new Set(),
    };
    if (version !== undefined) row.version = toHex(version);
    if (outputs !== undefined) row.outputs = toHex(outputs);
    if (failure !== undefined) row.failure = toHex(failure);
    if (trace !== undefined) row.trace = toHex(trace);
    if (memos) row.memos = new Set(memos);
    this.rows.set(name, row);
  }

  #applyOwner({ target, key, record, owed }: OwnerWrite): void {
    const name = nameOfOwner({ target, key });
    if (record === null) this.owners.delete(name);
    else this.owners.set(name, { target, key, record: hexOf(record), owed });
  }

  #referred(): Set<Fingerprint> {
    return new Set([...this.rows.values()].flatMap((row) => [...row.memos]));
  }

  #source(source: SourceId): StoreDump["sources"][number] {
    const rows = inOrder([...this.rows.values()].filter((row) => row.source === source));
    const list = (what: "version" | "failure") =>
      rows.flatMap((row): Listed[] => (row[what] === null ? [] : [[hexOf(row.key), row[what]]]));
    const scan = list("version");
    return { count: scan.length, scan, failures: list("failure") };
  }

  #target(target: TargetId): StoreDump["targets"][number] {
    const owners = inOrder([...this.owners.values()].filter((owner) => owner.target === target));
    const list = (some: readonly ModelOwner[]) => some.map(({ key, record }): Listed => [hexOf(key), record]);
    return { all: list(owners), owed: list(owners.filter(({ owed }) => owed)) };
  }
}

function inOrder<T extends { readonly key: Uint8Array }>(listed: T[]): T[] {
  return listed.sort((a, b) => compareBytes(a.key, b.key));
}

function nameOfRow({ source, key }: RowAddress): string {
  return `${source}/${hexOf(key)}`;
}

function nameOfOwner({ target, key }: OwnerAddress): string {
  return `${target}/${hexOf(key)}`;
}
