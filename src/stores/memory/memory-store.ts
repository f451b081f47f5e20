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
  ScanPage,
  SourceId,
  StateStore,
  StoreCapabilities,
  StoredSetup,
  StoreWrite,
  TargetId,
} from "../../contracts/state-store.ts";
import { SluiceError } from "../../errors/index.ts";
import { bytesToMapKey, compareBytes } from "../../kernel/bytes.ts";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { applyWrite } from "./apply-write.ts";
import { livingHolder, takeLease } from "./memory-lease.ts";
import { type MemoryRow, MemoryState } from "./memory-state.ts";

/** Options of a store in memory. */
export interface MemoryStoreOptions {
  /** What several stores share, as processes share a file. Default: a state of its own. */
  readonly state?: MemoryState;
  readonly clock?: Clock;
  /** Rows of a scan's page. Default 4096. */
  readonly pageRows?: number;
  /** A lease passes to whoever asks when its holder has not written for so long. Default: it does not end by time. */
  readonly leaseMs?: number;
}

/** A {@link StateStore} that lasts as long as its state: for tests and the simulator. */
export interface MemoryStore extends StateStore {
  readonly state: MemoryState;
  /** Ends it as `kill -9` ends a process: its leases are free to take, its calls fail, nothing is given back. */
  kill(): void;
}

/**
 * Opens a store in memory.
 *
 * @example
 * const state = new MemoryState();
 * const [one, other] = [openMemoryStore({ state }), openMemoryStore({ state })];
 */
export function openMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return new StoreInMemory(options);
}

class StoreInMemory implements MemoryStore {
  readonly capabilities: StoreCapabilities;
  readonly state: MemoryState;
  readonly #clock: Clock;
  readonly #pageRows: number;
  readonly #leaseMs: number;
  readonly #leases = new Set<Lease>();

  constructor(options: MemoryStoreOptions) {
    const { state = new MemoryState(), clock = systemClock, pageRows = 4096 } = options;
    const { leaseMs = Number.POSITIVE_INFINITY } = options;
    this.capabilities = {
      durable: false,
      multiProcess: false,
      timedLeases: leaseMs !== Number.POSITIVE_INFINITY,
    };
    this.#leaseMs = leaseMs;
    this.state = state;
    this.#clock = clock;
    this.#pageRows = pageRows;
    state.living.add(this);
  }

  async acquireLease(flow: FlowId, request: LeaseRequest): Promise<Lease> {
    this.#check();
    const by = { clock: this.#clock, owner: this, leaseMs: this.#leaseMs };
    const lease = await takeLease(this.state, by, { ...request, flow });
    this.#leases.add(lease);
    return lease;
  }

  async leaseHolder(flow: FlowId): Promise<LeaseHolder | null> {
    this.#check();
    return livingHolder(this.state, flow, this.#clock.now());
  }

  async flows(): Promise<readonly FlowId[]> {
    this.#check();
    return [...this.state.flows].filter(([, flow]) => flow.setup).map(([id]) => id);
  }

  async readSetup(flow: FlowId): Promise<StoredSetup | null> {
    this.#check();
    const known = this.state.flows.get(flow);
    return known?.setup ? { record: known.setup.slice(), generation: known.generation } : null;
  }

  async countRows(flow: FlowId, source: SourceId): Promise<number> {
    this.#check();
    return this.#rowsInOrder(flow, source).filter((row) => row.version !== null).length;
  }

  scan(flow: FlowId, source: SourceId): Scan {
    this.#check();
    const rows = this.#rowsInOrder(flow, source).filter((row) => row.version !== null);
    let at = 0;
    return {
      nextPage: () => {
        this.#check();
        const page = packPage(rows.slice(at, at + this.#pageRows));
        at += this.#pageRows;
        return page;
      },
      close() {
        at = rows.length;
      },
    };
  }

  async readVersions(flow: FlowId, rows: readonly RowAddress[]): Promise<readonly (Uint8Array | null)[]> {
    const records = await this.readRows(flow, rows);
    return records.map(({ version }) => version);
  }

  async readRows(flow: FlowId, rows: readonly RowAddress[]): Promise<readonly RowRecords[]> {
    this.#check();
    const sources = this.state.flows.get(flow)?.sources;
    return rows.map(({ source, key }) => {
      const row = sources?.get(source)?.get(bytesToMapKey(key));
      return { version: copy(row?.version), outputs: copy(row?.outputs), failure: copy(row?.failure) };
    });
  }

  async *readFailures(flow: FlowId, source: SourceId) {
    this.#check();
    for (const { key, failure } of this.#rowsInOrder(flow, source)) {
      this.#check();
      if (failure) yield { key: key.slice(), failure: failure.slice() };
    }
  }

  async readTrace(flow: FlowId, { source, key }: RowAddress): Promise<Uint8Array | null> {
    this.#check();
    return copy(this.state.flows.get(flow)?.sources.get(source)?.get(bytesToMapKey(key))?.trace);
  }

  async readOwners(flow: FlowId, keys: readonly OwnerAddress[]): Promise<readonly (Uint8Array | null)[]> {
    this.#check();
    const owners = this.state.flows.get(flow)?.owners;
    return keys.map(({ target, key }) => copy(owners?.get(target)?.get(bytesToMapKey(key))?.record));
  }

  async *scanOwners(flow: FlowId, target: TargetId, { owedOnly }: { readonly owedOnly: boolean }) {
    this.#check();
    const all = [...(this.state.flows.get(flow)?.owners.get(target)?.values() ?? [])]
      .filter(({ owed }) => owed || !owedOnly)
      .sort((a, b) => compareBytes(a.key, b.key));
    for (let at = 0; at < all.length; at += this.#pageRows) {
      this.#check();
      yield all
        .slice(at, at + this.#pageRows)
        .map(({ key, record }) => ({ key: key.slice(), record: record.slice() }));
    }
  }

  async readDoubts(flow: FlowId): Promise<readonly { readonly id: number; readonly doubt: Uint8Array }[]> {
    this.#check();
    return [...(this.state.flows.get(flow)?.doubts ?? [])].map(([id, doubt]) => ({
      id,
      doubt: doubt.slice(),
    }));
  }

  async addDoubt(flow: FlowId, doubt: Uint8Array): Promise<void> {
    this.#check();
    const known = this.state.flow(flow);
    known.doubts.set(++known.lastDoubt, doubt.slice());
  }

  async readMemos(fingerprints: readonly Fingerprint[]): Promise<readonly (Uint8Array | null)[]> {
    this.#check();
    return fingerprints.map((fingerprint) => copy(this.state.memos.get(fingerprint)?.result));
  }

  async write(write: StoreWrite): Promise<void> {
    this.#check();
    const now = this.#clock.now();
    applyWrite(this.state, write, now);
    this.state.flow(write.fence.flow).holder!.until = now + this.#leaseMs;
  }

  async collectMemos({ retentionMs, inUse }: MemoCollection): Promise<number> {
    this.#check();
    const before = this.#clock.now() - retentionMs;
    const used = inUse?.();
    let collected = 0;
    for (const [fingerprint, memo] of this.state.memos) {
      if (memo.references > 0 || memo.since > before || used?.has(fingerprint)) continue;
      this.state.memos.delete(fingerprint);
      collected++;
    }
    return collected;
  }

  async close(): Promise<void> {
    for (const lease of this.#leases) await lease.release();
    this.kill();
  }

  kill(): void {
    this.state.living.delete(this);
  }

  #check(): void {
    if (!this.state.living.has(this))
      throw new SluiceError("store-closed", "the store was used after close()");
  }

  #rowsInOrder(flow: FlowId, source: SourceId): MemoryRow[] {
    const rows = this.state.flows.get(flow)?.sources.get(source)?.values() ?? [];
    return [...rows].map((row) => ({ ...row })).sort((a, b) => compareBytes(a.key, b.key));
  }
}

function copy(bytes: Uint8Array | null | undefined): Uint8Array | null {
  return bytes ? bytes.slice() : null;
}

function packPage(rows: readonly MemoryRow[]): ScanPage | null {
  if (rows.length === 0) return null;
  const ends = new Uint32Array(rows.length * 2);
  let size = 0;
  rows.forEach((row, i) => {
    ends[i * 2] = size += row.key.length;
    ends[i * 2 + 1] = size += row.version!.length;
  });
  const bytes = new Uint8Array(size);
  rows.forEach((row, i) => {
    bytes.set(row.key, ends[i * 2]! - row.key.length);
    bytes.set(row.version!, ends[i * 2]!);
  });
  return { count: rows.length, bytes, ends };
}
