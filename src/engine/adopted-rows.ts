import type { Fence, FlowId, OwnerWrite, StateStore, TargetId } from "../contracts/state-store.ts";
import type { TargetContext, TargetRow } from "../contracts/target.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import type { PlannedExport } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";
import { absent } from "./output-record.ts";
import { decodeOwnerRecord, type OwnerRecord } from "./owner-record.ts";
import { ownerWrite } from "./owners.ts";
import { prepareTarget } from "./prepare-target.ts";
import { isOnly } from "./reconcile.ts";
import { givenKeyText, readBackDigest } from "./verify-read-back.ts";

/** A backend that was there before Sluice knew of it, and can be read back. */
export interface Adoption {
  readonly planned: PlannedExport;
  readonly target: TargetId;
  readonly schemaVersion: number;
  /** Its rows are to be written whatever they hold. */
  readonly rewrite: boolean;
}

export interface AdoptInto {
  readonly store: StateStore;
  readonly flow: FlowId;
  fence(): Fence;
  readonly context: TargetContext;
}

/** How many rows are kept in one transaction. */
const rowsAtOnce = 1024;

/** Stands for a value that no row can yield: whatever is wanted is written over it. */
const unknownValue = "f".repeat(32) as Fingerprint;

/**
 * Takes down what a backend holds as target keys that nobody claims and that are owed nothing: a row that yields such
 * a key finds it there, and writes it only where its value is another. Resolves to how many rows there are. What an
 * interrupted adoption took down is taken down again.
 */
export async function adoptRows(adoption: Adoption, into: AdoptInto): Promise<number> {
  const { planned, target, rewrite } = adoption;
  const digest = readBackDigest(adoption);
  // By the text of the key: a target may give a row twice.
  let owners = new Map<string, OwnerWrite>();
  let rows = 0;
  const keep = () => into.store.write({ fence: into.fence(), owners: [...owners.values()] });
  for await (const row of rowsOf(planned, into.context)) {
    const { key, value } = digest(row);
    if (key === null) throw misfit(planned, row.key);
    const states = [rewrite || value === null ? unknownValue : value];
    const record = { claims: [], states, owed: false, failure: null };
    owners.set(bytesToMapKey(key), ownerWrite({ target, key }, record));
    rows++;
    if (owners.size < rowsAtOnce) continue;
    await keep();
    owners = new Map();
  }
  if (owners.size > 0) await keep();
  return rows;
}

/** How many rows a backend holds. */
export async function countRows(planned: PlannedExport, context: TargetContext): Promise<number> {
  let rows = 0;
  for await (const _row of rowsOf(planned, context)) rows++;
  return rows;
}

async function* rowsOf(
  planned: PlannedExport,
  context: TargetContext,
): AsyncGenerator<TargetRow<unknown, unknown>> {
  const { definition, name } = planned;
  try {
    const target = await prepareTarget(planned, context);
    try {
      for await (const page of definition.readBack!(target, context)) {
        context.signal.throwIfAborted();
        yield* page;
      }
    } finally {
      await definition.close(target);
    }
  } catch (thrown) {
    context.signal.throwIfAborted();
    const { message, hint } = toSluiceError(thrown, "setup-failed");
    const options = { where: { target: name }, hint, cause: thrown };
    throw new SluiceError("setup-failed", `it cannot be read back: ${message}`, options);
  }
}

function misfit({ name }: PlannedExport, key: unknown): SluiceError {
  return new SluiceError(
    "setup-conflict",
    `a row of the backend has the key ${givenKeyText(key)}, which no row of the export can have`,
    { where: { target: name }, hint: "Remove it, or choose another backend." },
  );
}

/** Where what adopted backends held before is kept. */
type KeptIn = Pick<AdoptInto, "store" | "flow" | "fence"> & { readonly signal: AbortSignal };

/** How many rows that an adopted backend held before nobody claims. */
export async function countLeftovers(target: TargetId, into: KeptIn): Promise<number> {
  let count = 0;
  for await (const page of leftoversOf(target, into)) count += page.length;
  return count;
}

/** Marks them, so that the end of the update removes them. */
export async function giveUpLeftovers(target: TargetId, into: KeptIn): Promise<void> {
  for await (const page of leftoversOf(target, into)) {
    const owners = page.map(({ key, record }) => ownerWrite({ target, key }, { ...record, owed: true }));
    if (owners.length > 0) await into.store.write({ fence: into.fence(), owners });
  }
}

async function* leftoversOf(target: TargetId, { store, flow, signal }: KeptIn) {
  for await (const page of store.scanOwners(flow, target, { owedOnly: false })) {
    signal.throwIfAborted();
    yield page
      .map(({ key, record }) => ({ key, record: decodeOwnerRecord(record) }))
      .filter(({ record }) => isLeftover(record));
  }
}

function isLeftover({ owed, claims, states }: OwnerRecord): boolean {
  return !owed && claims.length === 0 && !isOnly(states, absent);
}
