import type {
  FlowId,
  Lease,
  LeaseHolder,
  LeaseRequest,
  MemoCollection,
  OwnerAddress,
  RowAddress,
  RowRecords,
  Scan,
  SourceId,
  StateStore,
  StoredSetup,
  StoreWrite,
  TargetId,
} from "../../contracts/state-store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { copyBytes } from "../../kernel/copy-bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { putDoubt, readDoubts, type StoredDoubt } from "./doubts.ts";
import type { Environment, EnvironmentUse } from "./environment.ts";
import { readAllFlows, readFlow } from "./flow-record.ts";
import { type OwnerPlace, type RowPlace, readKeyed } from "./keyed-records.ts";
import { flowPrefix, kinds } from "./keys.ts";
import { acquireLease, leaseHolder } from "./lease.ts";
import { closed, damaged, unwritable } from "./lmdb-errors.ts";
import { type Collected, type CollectLimits, collectMemos, readMemos } from "./memos.ts";
import { readOwner } from "./owner-records.ts";
import { scanOwners } from "./owner-scan.ts";
import { PageBuilder } from "./page-builder.ts";
import { readRowCount } from "./row-count.ts";
import { LmdbScan } from "./scan.ts";
import { applyWrite } from "./write.ts";

/** Memos looked at in one transaction while they are collected. */
const collectedInARow = 2000;

/** One opened store: what it reads and writes is in an environment that others of this process may share. */
export class LmdbStore implements StateStore {
  readonly capabilities = { durable: true, multiProcess: true, timedLeases: false };
  readonly #use: EnvironmentUse;
  readonly #readOnly: boolean;
  readonly #clock: Clock;
  readonly #leases = new Set<Lease>();
  readonly #taking = new Set<Promise<Lease>>();
  readonly #ended = new AbortController();
  #closing: Promise<void> | null = null;

  constructor(use: EnvironmentUse, options: { readonly readOnly: boolean; readonly clock: Clock }) {
    this.#use = use;
    this.#readOnly = options.readOnly;
    this.#clock = options.clock;
  }

  async acquireLease(flow: FlowId, request: LeaseRequest): Promise<Lease> {
    const environment = this.#toWrite();
    const ended = this.#ended.signal;
    const signal = request.signal ? AbortSignal.any([request.signal, ended]) : ended;
    const taking = acquireLease(environment, { ...request, flow, signal }, this.#clock);
    this.#taking.add(taking);
    try {
      const lease = await taking;
      this.#leases.add(lease);
      // After close() there is nothing left to give back.
      return { ...lease, release: () => (this.#leases.delete(lease) ? lease.release() : Promise.resolve()) };
    } finally {
      this.#taking.delete(taking);
    }
  }

  async leaseHolder(flow: FlowId): Promise<LeaseHolder | null> {
    return leaseHolder(this.#toRead(), flow);
  }

  async flows(): Promise<readonly FlowId[]> {
    const { tree, file } = this.#toRead();
    const flows = readAllFlows(tree, file).filter(({ id }) => tree.has(flowPrefix("setup", id)));
    return flows.map(({ name }) => name);
  }

  async readSetup(flow: FlowId): Promise<StoredSetup | null> {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    if (!known) return null;
    const damage = () => damaged(file, `the setup record of flow ${flow}`, { flow });
    const record = tree.get(flowPrefix("setup", known.id), damage);
    return record ? { record: record.slice(), generation: known.generation } : null;
  }

  async countRows(flow: FlowId, source: SourceId): Promise<number> {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    return known ? readRowCount(tree, { flow, flowNumber: known.id, source, file }).rows : 0;
  }

  scan(flow: FlowId, source: SourceId): Scan {
    return new LmdbScan(this.#toRead(), { flow, source }, () => this.#closing === null);
  }

  async readVersions(flow: FlowId, rows: readonly RowAddress[]): Promise<readonly (Uint8Array | null)[]> {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    if (!known) return rows.map(() => null);
    return rows.map(({ source, key }) => {
      const place: RowPlace = { flow, flowNumber: known.id, source, file };
      return readKeyed(tree, "version", place, key)?.slice() ?? null;
    });
  }

  async readRows(flow: FlowId, rows: readonly RowAddress[]): Promise<readonly RowRecords[]> {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    if (!known) return rows.map(() => ({ version: null, outputs: null, failure: null }));
    return rows.map(({ source, key }) => {
      const place: RowPlace = { flow, flowNumber: known.id, source, file };
      const read = (kind: "version" | "outputs" | "failure") => {
        const record = readKeyed(tree, kind, place, key);
        return record && copyBytes(record);
      };
      return { version: read("version"), outputs: read("outputs"), failure: read("failure") };
    });
  }

  async *readFailures(flow: FlowId, source: SourceId) {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    if (!known) return;
    const builder = new PageBuilder("failure", { flow, flowNumber: known.id, source, file });
    for (;;) {
      this.#toRead();
      const page = builder.read(tree);
      if (page === null) return;
      for (let i = 0, at = 0; i < page.count; i++) {
        const [keyEnd, end] = [page.ends[i * 2]!, page.ends[i * 2 + 1]!];
        yield {
          key: new Uint8Array(page.bytes.subarray(at, keyEnd)),
          failure: new Uint8Array(page.bytes.subarray(keyEnd, end)),
        };
        at = end;
      }
    }
  }

  async readTrace(flow: FlowId, { source, key }: RowAddress): Promise<Uint8Array | null> {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    if (!known) return null;
    const place: RowPlace = { flow, flowNumber: known.id, source, file };
    return readKeyed(tree, "trace", place, key)?.slice() ?? null;
  }

  async readOwners(flow: FlowId, keys: readonly OwnerAddress[]): Promise<readonly (Uint8Array | null)[]> {
    const { tree, file } = this.#toRead();
    const known = readFlow(tree, file, flow);
    if (!known) return keys.map(() => null);
    return keys.map(({ target, key }) => {
      const place: OwnerPlace = { flow, flowNumber: known.id, target, file };
      return readOwner(tree, place, key)?.record.slice() ?? null;
    });
  }

  scanOwners(flow: FlowId, target: TargetId, { owedOnly }: { readonly owedOnly: boolean }) {
    return scanOwners(() => this.#toRead(), { flow, target, owedOnly });
  }

  async readDoubts(flow: FlowId): Promise<readonly StoredDoubt[]> {
    return readDoubts(this.#toRead(), flow);
  }

  async addDoubt(flow: FlowId, doubt: Uint8Array): Promise<void> {
    const environment = this.#toWrite();
    await environment.queue.add(() => putDoubt(environment, flow, doubt));
  }

  async readMemos(fingerprints: readonly Fingerprint[]): Promise<readonly (Uint8Array | null)[]> {
    return readMemos(this.#toRead(), fingerprints);
  }

  async write(write: StoreWrite): Promise<void> {
    const environment = this.#toWrite();
    const { queue, ledger } = environment;
    // The time of the call and not of landing: what is collected next, at the same time, was without a reference then.
    const now = this.#clock.now();
    await queue.add(
      () => applyWrite(environment, write, now),
      (changes) => {
        for (const change of changes) ledger.committed(change);
      },
    );
  }

  async collectMemos({ retentionMs, inUse }: MemoCollection): Promise<number> {
    const now = this.#clock.now();
    let collected = 0;
    let start: Uint8Array | null = Buffer.of(kinds.memoUnreferenced);
    while (start) {
      const environment = this.#toWrite();
      const limits: CollectLimits = { before: now - retentionMs, inUse, start, limit: collectedInARow };
      const step: Collected = await environment.queue.add(() => collectMemos(environment, limits));
      collected += step.collected;
      start = step.next;
    }
    return collected;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { queue } = this.#use.environment;
    this.#ended.abort(closed());
    queue.flush();
    await Promise.allSettled(this.#taking);
    const released = [...this.#leases].map((lease) => lease.release());
    this.#leases.clear();
    queue.flush();
    await Promise.allSettled(released);
    await this.#use.giveBack();
  }

  #toRead(): Environment {
    if (this.#closing) throw closed();
    this.#use.environment.tree.refresh();
    return this.#use.environment;
  }

  #toWrite(): Environment {
    if (this.#closing) throw closed();
    const { environment } = this.#use;
    if (this.#readOnly) throw unwritable(`the store ${environment.file} was opened for reading only`);
    return environment;
  }
}
