import type { SourceId, TargetId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { allOf } from "../kernel/all-of.ts";
import { bytesToHex, bytesToMapKey } from "../kernel/bytes.ts";
import { fingerprintBytes } from "../values/index.ts";
import { isSettled } from "./claims.ts";
import { decodeFailureRecord, encodeFailureRecord, nextFailure } from "./failure-record.ts";
import { KeySet } from "./key-set.ts";
import { absent } from "./output-record.ts";
import { type Claim, decodeOwnerRecord, type OwnerRecord } from "./owner-record.ts";
import { ownerWrite } from "./owners.ts";
import { isOnly, withState } from "./reconcile.ts";
import { rowName } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import type { TargetIndex } from "./target-index.ts";

/** The rows of a source that target keys may come to be owed to. */
export interface Heirs {
  /** Runs rows again that own target keys of these exports which are not settled. */
  settleRows(keys: Iterable<Uint8Array>, owed: ReadonlySet<number>): Promise<void>;
  /** A row's key as text for people. */
  rowText(key: Uint8Array): string;
  reportFailure(key: Uint8Array, error: SluiceError): void;
}

export interface SettleOwed {
  readonly run: Run;
  /** The sources that are open, by id. */
  readonly heirs: ReadonlyMap<SourceId, Heirs>;
  readonly targets: TargetIndex;
  /** What is left for later: keys that nobody claims yet, or that failed and wait for their next try. Left out: nothing. */
  readonly later?: (record: OwnerRecord) => boolean;
}

/**
 * The end of an update: brings every target key to what its claims ask for, where the rows that changed them could
 * not. A key that nobody claims any more is deleted; one whose owner has changed is written by the heir, which is
 * evaluated again. Deletions wait until here, so that a key that changes hands is never away. An heir may turn out to
 * yield other keys than before, so it is looked again until there is nothing left to try.
 */
export async function settleOwed(settle: SettleOwed): Promise<void> {
  const givenUp = new KeySet(fingerprintBytes);
  let tried: number;
  do {
    tried = 0;
    for (const target of settle.run.owners.targets) tried += await settleTarget(settle, target, givenUp);
  } while (tried > 0);
}

async function settleTarget(settle: SettleOwed, target: TargetId, givenUp: KeySet): Promise<number> {
  const { run } = settle;
  let tried = 0;
  for await (const page of run.store.scanOwners(run.flow, target, { owedOnly: true })) {
    run.signal.throwIfAborted();
    const settler = new PageSettler(settle, target, givenUp);
    tried += await settler.settle(page.map(({ key }) => key));
  }
  return tried;
}

/** Settles the keys of a page, side by side, and waits for all of them. */
class PageSettler {
  readonly #settle: SettleOwed;
  readonly #target: TargetId;
  /** Keys of which one more try in this update would fare no better, with the row that they are owed to. */
  readonly #givenUp: KeySet;

  constructor(settle: SettleOwed, target: TargetId, givenUp: KeySet) {
    this.#settle = settle;
    this.#target = target;
    this.#givenUp = givenUp;
  }

  /** Resolves to how many keys were tried. */
  async settle(keys: readonly Uint8Array[]): Promise<number> {
    const { run, heirs: sources, later } = this.#settle;
    const addresses = keys.map((key) => ({ target: this.#target, key }));
    const records = await run.store.readOwners(run.flow, addresses);
    const heirs = new Map<SourceId, Map<string, Uint8Array>>();
    const settling: Promise<void>[] = [];
    let tried = 0;
    records.forEach((stored, at) => {
      const record = stored && decodeOwnerRecord(stored);
      if (!record?.owed || later?.(record)) return;
      const key = keys[at]!;
      const winner = run.owners.order.winner(record.claims);
      const settled = isSettled(record.claims, record.states, run.owners.order);
      if (this.#giveUp(key, winner, settled)) return;
      tried++;
      if (winner === null) settling.push(this.#delete(key));
      else if (settled) settling.push(this.#refuseOthers(key));
      else addHeir(heirs, winner);
    });
    const exports = new Set([this.#settle.targets.get(this.#target)!]);
    for (const [source, rows] of heirs)
      settling.push(sources.get(source)!.settleRows(rows.values(), exports));
    await allOf(settling);
    return tried;
  }

  /** Whether a key is not to be tried; it is tried once for each row that it comes to be owed to. */
  #giveUp(key: Uint8Array, winner: Claim | null, settled: boolean): boolean {
    const { run, heirs } = this.#settle;
    const heir = winner && rowName({ source: winner.source, key: winner.row });
    if (heir && !settled && (run.failedRows.has(heir) || !heirs.has(winner.source))) return true;
    const attempt = `${settled} ${this.#target}:${bytesToMapKey(key)}>${heir}`;
    return !this.#givenUp.add(new TextEncoder().encode(attempt));
  }

  async #delete(key: Uint8Array): Promise<void> {
    const { run } = this.#settle;
    const address = { target: this.#target, key };
    await run.owners.holding([address], async (known) => {
      const record = known.get(address);
      if (record === null || record.claims.length > 0) return;
      const gone = { row: null, owners: [ownerWrite(address, null)] };
      if (isOnly(record.states, absent)) return run.landing.record(gone);
      const staged = { ...record, states: withState(record.states, absent) };
      const error = await run.landing.land({
        writes: [{ export: this.#settle.targets.get(this.#target)!, writes: [{ key, value: null }] }],
        stage: { row: null, owners: [ownerWrite(address, staged)] },
        commit: gone,
        failed: (refused) => ({
          row: null,
          owners: [
            ownerWrite(address, { ...staged, failure: this.#failure(record, this.#placed(key, refused)) }),
          ],
        }),
      });
      if (error) this.#reportKey(key, error);
    });
  }

  /** Where no two rows may yield one key: all but the winner fail. */
  async #refuseOthers(key: Uint8Array): Promise<void> {
    const { run, heirs } = this.#settle;
    const address = { target: this.#target, key };
    await run.owners.holding([address], async (known) => {
      const record = known.get(address);
      const winner = record && run.owners.order.winner(record.claims);
      if (!winner) return;
      const { strict } = run.owners.rulesOf(this.#target);
      const others = strict ? record.claims.filter((claim) => claim !== winner) : [];
      const error = this.#duplicate(key, winner);
      const failure = others.length > 0 ? this.#failure(record, error) : null;
      const settled = { ...record, owed: others.length > 0, failure };
      await run.landing.record({ row: null, owners: [ownerWrite(address, settled)] });
      for (const claim of others) heirs.get(claim.source)?.reportFailure(claim.row, error);
    });
  }

  #duplicate(key: Uint8Array, { source, row }: Claim): SluiceError {
    const winner = this.#settle.heirs.get(source)?.rowText(row) ?? bytesToHex(row);
    const message = `row ${winner} yields the key ${this.#keyText(key)} too`;
    const hint = 'Add a field to primaryKeyFields, or let the first row win with onDuplicateKey: "first".';
    return this.#placed(key, new SluiceError("target-key-duplicate", message, { hint }));
  }

  #failure({ failure }: OwnerRecord, error: SluiceError): Uint8Array {
    const earlier = failure && decodeFailureRecord(failure);
    return encodeFailureRecord(nextFailure(error, earlier, this.#settle.run));
  }

  #reportKey(key: Uint8Array, error: SluiceError): void {
    const target = this.#planned.name;
    const placed = this.#placed(key, error);
    this.#settle.run.tally.report({ kind: "key-failed", target, key: this.#keyText(key), error: placed });
  }

  #placed(key: Uint8Array, error: SluiceError): SluiceError {
    const { flow } = this.#settle.run.plan;
    return error.at({ flow, target: this.#planned.name, key: this.#keyText(key) });
  }

  #keyText(key: Uint8Array): string {
    return this.#planned.formatKey(this.#planned.keyCodec.decode(key));
  }

  get #planned() {
    return this.#settle.run.plan.exports[this.#settle.targets.get(this.#target)!]!;
  }
}

function addHeir(heirs: Map<SourceId, Map<string, Uint8Array>>, { source, row }: Claim): void {
  const rows = heirs.get(source) ?? new Map<string, Uint8Array>();
  heirs.set(source, rows.set(bytesToMapKey(row), row));
}
