import type {
  FlowId,
  OwnerAddress,
  OwnerWrite,
  RowAddress,
  RowWrite,
  SourceId,
  StoreWrite,
  TargetId,
} from "../contracts/state-store.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import type { Fingerprint } from "../values/fingerprint.ts";
import type { HeldFlow } from "./store-bench.ts";
import type { DumpQuestions } from "./store-dump.ts";

/** One change of a store, without its fence. */
export type StoreOperation =
  | { readonly kind: "write"; readonly write: Omit<StoreWrite, "fence"> }
  | { readonly kind: "doubt"; readonly doubt: Uint8Array }
  /** A write that removes the oldest doubts too, so many at most: what they are called is read first. */
  | { readonly kind: "settle"; readonly count: number; readonly write: Omit<StoreWrite, "fence"> }
  | { readonly kind: "collect"; readonly retentionMs: number };

export const modelFlow = "model flow" as FlowId;

/** Longer than any run takes on a clock that nobody moves. */
export const modelRetentionMs = 24 * 3_600_000;

const sources = [1, 2, 70_000] as SourceId[];
const targets = [1, 2, 70_000] as TargetId[];
const fingerprints = Array.from({ length: 14 }, (_, i) => i.toString(16).padStart(32, "a") as Fingerprint);

/** Keys of all lengths: none, short ones, one the beginning of another, and long ones that differ only far behind. */
export const modelKeys: readonly Uint8Array[] = makeKeys();

/** Everything that random operations can touch. */
export const modelQuestions: DumpQuestions = {
  flow: modelFlow,
  sources,
  rows: sources.flatMap((source) => modelKeys.map((key): RowAddress => ({ source, key }))),
  targets,
  owners: targets.flatMap((target) => modelKeys.map((key): OwnerAddress => ({ target, key }))),
  memos: fingerprints,
};

/** Operation `index` of the sequence of a seed: the same in every process, whatever went before. */
export function operationAt(seed: number, index: number): StoreOperation {
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  for (let warm = 0; warm < 3; warm++) random.next();
  const dice = random.next();
  if (dice < 0.08) return { kind: "collect", retentionMs: random.next() < 0.5 ? 0 : modelRetentionMs };
  if (dice < 0.16) return { kind: "doubt", doubt: bytes(random, 60) };
  if (dice < 0.19) return { kind: "settle", count: 1 + whole(random, 4), write: some(random) };
  return { kind: "write", write: { ...rare(dice - 0.19, random), ...some(random) } };
}

/** Does an operation; how many memos were collected, if it collects. Calls the store at once, unless it settles doubts. */
export async function perform(held: HeldFlow, operation: StoreOperation): Promise<number> {
  const { store, flow } = held;
  if (operation.kind === "collect") return store.collectMemos(operation);
  if (operation.kind === "write") await held.write(operation.write);
  else if (operation.kind === "doubt") await store.addDoubt(flow, operation.doubt);
  else {
    const oldest = (await store.readDoubts(flow)).slice(0, operation.count);
    await held.write({ ...operation.write, removeDoubts: oldest.map(({ id }) => id) });
  }
  return 0;
}

function rare(dice: number, random: Random): Omit<StoreWrite, "fence"> {
  if (dice < 0.05) return { removeSources: [pick(random, sources)] };
  if (dice < 0.08) return { removeTargets: [pick(random, targets)] };
  if (dice < 0.1) return { removeFlow: true };
  if (dice < 0.17) return { setup: bytes(random, 60) };
  return {};
}

function some(random: Random): Omit<StoreWrite, "fence"> {
  const rows = new Map<string, RowWrite>();
  for (let left = 1 + whole(random, 6); left > 0; left--) {
    const [source, at] = [pick(random, sources), whole(random, modelKeys.length)];
    rows.set(`${source}/${at}`, rowWrite(random, source, modelKeys[at]!));
  }
  const memos = fingerprints
    .filter(() => random.next() < 0.15)
    .map((fingerprint) => ({ fingerprint, result: bytes(random, random.next() < 0.1 ? 9000 : 40) }));
  return { rows: [...rows.values()], owners: someOwners(random), memos };
}

function someOwners(random: Random): OwnerWrite[] {
  const owners = new Map<string, OwnerWrite>();
  for (let left = whole(random, 6); left > 0; left--) {
    const [target, at] = [pick(random, targets), whole(random, modelKeys.length)];
    const record = random.next() < 0.25 ? null : bytes(random, random.next() < 0.1 ? 5000 : 60);
    owners.set(`${target}/${at}`, { target, key: modelKeys[at]!, record, owed: random.next() < 0.4 });
  }
  return [...owners.values()];
}

function rowWrite(random: Random, source: SourceId, key: Uint8Array): RowWrite {
  const nothing = { version: null, outputs: null, failure: null, trace: null, memos: [] };
  if (random.next() < 0.25) return { source, key, ...nothing };
  return {
    source,
    key,
    ...(random.next() < 0.8 ? { version: bytes(random, 50) } : {}),
    ...(random.next() < 0.5 ? { outputs: bytes(random, random.next() < 0.1 ? 20_000 : 200) } : {}),
    ...(random.next() < 0.3 ? { failure: random.next() < 0.5 ? null : bytes(random, 80) } : {}),
    ...(random.next() < 0.3 ? { trace: random.next() < 0.2 ? null : bytes(random, 120) } : {}),
    ...(random.next() < 0.5 ? { memos: fingerprints.filter(() => random.next() < 0.2) } : {}),
  };
}

function makeKeys(): Uint8Array[] {
  const encoder = new TextEncoder();
  const short = [
    "",
    "a",
    "ab",
    "b",
    "\u0000",
    "\u00ff",
    ...Array.from({ length: 12 }, (_, i) => `docs/${i}.md`),
  ];
  const long = [1890, 1899, 1900, 1901, 1978, 2500].map((length) => encoder.encode("x".repeat(length)));
  const twins = Array.from({ length: 10 }, (_, i) => encoder.encode(`${"y".repeat(2100)}${(i * 7) % 10}`));
  return [...short.map((text) => encoder.encode(text)), Uint8Array.of(255, 255), ...long, ...twins];
}

function bytes(random: Random, most: number): Uint8Array {
  const made = new Uint8Array(whole(random, most + 1));
  for (let i = 0; i < made.length; i++) made[i] = whole(random, 256);
  return made;
}

function whole(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[whole(random, from.length)]!;
}
