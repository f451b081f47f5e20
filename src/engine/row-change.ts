import type { OwnerAddress, OwnerWrite, RowAddress, TargetId } from "../contracts/state-store.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/index.ts";
import { claimKey, dropClaim } from "./claims.ts";
import type { OutputEntry, TargetOutput } from "./output-record.ts";
import { KnownOwners, type Owners, ownerWrite } from "./owners.ts";
import { type EntryWrite, type Reconciled, reconcile, type WantedEntry } from "./reconcile.ts";
import type { ExportWrites, TargetValue } from "./row-work.ts";
import type { TargetTrace } from "./trace-record.ts";

/** What a row should have in one target from now on. */
export interface WantedOutput {
  readonly target: TargetId;
  /** Index in `Plan.exports`. */
  readonly export: number;
  /** What the entries were made with; null where the row has nothing there any more. */
  readonly made: { readonly logic: Fingerprint; readonly memos: readonly Fingerprint[] } | null;
  readonly entries: readonly WantedEntry<TargetValue>[];
}

/** What is to be written, at targets and in the store, to bring a row from what it may have to what it should have. */
export interface RowChange {
  readonly writes: readonly ExportWrites[];
  /** From before the writes until they are known to have landed. */
  readonly staged: readonly TargetOutput[];
  readonly landed: readonly TargetOutput[];
  readonly ownersStaged: readonly OwnerWrite[];
  readonly ownersLanded: readonly OwnerWrite[];
  /** What it comes to, by target. */
  readonly counts: readonly TargetTrace[];
}

export interface RowChangeInput {
  readonly row: RowAddress;
  /** What the row may have now, by target. */
  readonly outputs: ReadonlyMap<number, TargetOutput>;
  readonly wanted: readonly WantedOutput[];
  readonly owners: Owners;
  /** Write also what is there already. */
  readonly rewrite: boolean;
}

/** Works out a row's change while nobody else changes the target keys that it shares, and does the work with it. */
export function withRowChange<T>(input: RowChangeInput, work: (change: RowChange) => Promise<T>): Promise<T> {
  const keys = sharedKeys(input);
  if (keys.length === 0) return work(rowChange(input, new KnownOwners()));
  return input.owners.holding(keys, (known) => work(rowChange(input, known)));
}

function sharedKeys({ outputs, wanted, owners }: RowChangeInput): OwnerAddress[] {
  return wanted
    .filter(({ target }) => owners.keeps(target))
    .flatMap(({ target, entries }) =>
      [...(outputs.get(target)?.entries ?? []), ...entries].map(({ key }) => ({ target, key })),
    );
}

/** Targets that are not in `wanted` keep what they have. */
function rowChange(input: RowChangeInput, known: KnownOwners): RowChange {
  const writes: ExportWrites[] = [];
  const staged = new Map<number, TargetOutput>(input.outputs);
  const landed = new Map<number, TargetOutput>(input.outputs);
  const ownersStaged: OwnerWrite[] = [];
  const ownersLanded: OwnerWrite[] = [];
  const counts: TargetTrace[] = [];
  for (const output of input.wanted) {
    const { target, made } = output;
    const before = input.outputs.get(target);
    const change = input.owners.keeps(target)
      ? sharedChange(input, output, known)
      : { ...reconcile(before?.entries ?? [], output.entries, input.rewrite), ...noOwners };
    if (change.writes.length > 0) writes.push({ export: output.export, writes: change.writes });
    staged.set(target, {
      target,
      logic: before?.logic ?? made!.logic,
      memos: before?.memos ?? [],
      entries: change.staged,
    });
    if (made === null) landed.delete(target);
    else landed.set(target, { target, ...made, entries: change.landed });
    ownersStaged.push(...change.ownersStaged);
    ownersLanded.push(...change.ownersLanded);
    counts.push(countsOf(output, change));
  }
  return {
    writes,
    staged: [...staged.values()],
    landed: [...landed.values()],
    ownersStaged,
    ownersLanded,
    counts,
  };
}

function countsOf({ target, entries }: WantedOutput, { writes, others, dropped }: SharedChange): TargetTrace {
  const upserted = writes.filter(({ value }) => value !== null).length;
  const equal = entries.length - upserted - others;
  return { target, upserted, deleted: writes.length - upserted, equal, others, dropped };
}

const noOwners = { ownersStaged: [], ownersLanded: [], others: 0, dropped: 0 };

interface SharedChange extends Reconciled<TargetValue> {
  readonly ownersStaged: readonly OwnerWrite[];
  readonly ownersLanded: readonly OwnerWrite[];
  /** Keys that the row yields, but which are another's. */
  readonly others: number;
  /** Keys that it yields no more. */
  readonly dropped: number;
}

/** As `reconcile`, for keys that other rows may yield too: what is there is kept by key, and nothing is deleted. */
function sharedChange(
  { row, outputs, owners }: RowChangeInput,
  { target, entries }: WantedOutput,
  known: KnownOwners,
): SharedChange {
  const rules = owners.rulesOf(target);
  const before = outputs.get(target)?.entries ?? [];
  const writes: EntryWrite<TargetValue>[] = [];
  const ownersStaged: OwnerWrite[] = [];
  const ownersLanded: OwnerWrite[] = [];
  let others = 0;
  for (const { key, fingerprint, value } of entries) {
    const record = known.get({ target, key });
    const change = claimKey(record, { source: row.source, row: row.key, fingerprint }, rules);
    if (!change.owns) others++;
    if (change.write) writes.push({ key, value });
    if (change.staged) ownersStaged.push(ownerWrite({ target, key }, change.staged));
    if (change.landed !== record) ownersLanded.push(ownerWrite({ target, key }, change.landed));
  }
  const wanted = new Set(entries.map(({ key }) => bytesToMapKey(key)));
  const dropped = before.filter(({ key }) => !wanted.has(bytesToMapKey(key)));
  for (const { key } of dropped) {
    const record = dropClaim(known.get({ target, key }), { source: row.source, row: row.key }, rules);
    ownersLanded.push(ownerWrite({ target, key }, record));
  }
  const landed = entries.map(({ key }): OutputEntry => ({ key, states: [] }));
  const staged = [...landed, ...dropped.map(({ key }): OutputEntry => ({ key, states: [] }))];
  return { writes, staged, landed, ownersStaged, ownersLanded, others, dropped: dropped.length };
}
