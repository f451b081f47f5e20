import type { SluiceError } from "../errors/index.ts";
import type { Random } from "../kernel/random.ts";

/** How a group of rows fared: null for a row that landed. */
export type Outcomes<T> = Map<T, SluiceError | null>;

export interface MutateGroup<T> {
  readonly rows: readonly T[];
  readonly random: Random;
  /** Writes these rows in as few calls as it can; resolves to the error when it fails, and then any part may have landed. */
  mutate(rows: readonly T[]): Promise<SluiceError | null>;
  /** Whether the error says of itself that no other row would fare better. */
  isUnavailable(error: SluiceError): boolean;
}

export interface Mutated<T> {
  readonly outcomes: Outcomes<T>;
  /** The target is taken to be down, with this error; rows without an outcome were not settled. */
  readonly down: SluiceError | null;
}

/** Below this a group is split without asking first whether the target is down. */
const probedFrom = 4;

/**
 * Writes a group, and when that fails finds the rows that are to blame by halving. Where nothing of a larger
 * group has landed, three rows drawn at random are tried alone first: when all of them fail alike the target is
 * taken to be down, rather than calling it once for every row.
 */
export async function mutateGroup<T>(group: MutateGroup<T>): Promise<Mutated<T>> {
  const error = await group.mutate(group.rows);
  if (error !== null) return findFailing(group, error);
  const outcomes: Outcomes<T> = new Map();
  for (const row of group.rows) outcomes.set(row, null);
  return { outcomes, down: null };
}

/** The same for a group of which it is known already that it fails, and with which error. */
export async function findFailing<T>(group: MutateGroup<T>, error: SluiceError): Promise<Mutated<T>> {
  const outcomes: Outcomes<T> = new Map();
  if (group.isUnavailable(error)) return { outcomes, down: error };
  const probed = await probe(group, outcomes);
  if (probed.down) return { outcomes, down: probed.down };
  const rest = group.rows.filter((row) => !outcomes.has(row));
  const restError = rest.length === group.rows.length ? error : await group.mutate(rest);
  if (restError === null) {
    for (const row of rest) outcomes.set(row, null);
    return { outcomes, down: null };
  }
  return { outcomes, down: await split(group, rest, restError, outcomes) };
}

async function probe<T>(group: MutateGroup<T>, outcomes: Outcomes<T>): Promise<{ down: SluiceError | null }> {
  if (group.rows.length < probedFrom) return { down: null };
  const errors: SluiceError[] = [];
  const drawn: Outcomes<T> = new Map();
  for (const row of drawThree(group.rows, group.random)) {
    const error = await group.mutate([row]);
    if (error && group.isUnavailable(error)) return { down: error };
    if (error) errors.push(error);
    drawn.set(row, error);
  }
  if (errors.length === 3 && errors.every(({ message }) => message === errors[0]!.message))
    return { down: errors[0]! };
  for (const [row, error] of drawn) outcomes.set(row, error);
  return { down: null };
}

function drawThree<T>(rows: readonly T[], random: Random): readonly T[] {
  const left = [...rows];
  return [0, 1, 2].map(() => left.splice(Math.floor(random.next() * left.length), 1)[0]!);
}

/** Resolves to the error when the target turns out to be down. */
async function split<T>(
  group: MutateGroup<T>,
  rows: readonly T[],
  error: SluiceError,
  outcomes: Outcomes<T>,
): Promise<SluiceError | null> {
  if (rows.length === 1) {
    outcomes.set(rows[0]!, error);
    return null;
  }
  const middle = rows.length >> 1;
  for (const half of [rows.slice(0, middle), rows.slice(middle)]) {
    const inner = await group.mutate(half);
    if (inner === null) {
      for (const row of half) outcomes.set(row, null);
      continue;
    }
    const down = group.isUnavailable(inner) ? inner : await split(group, half, inner, outcomes);
    if (down) return down;
  }
  return null;
}
