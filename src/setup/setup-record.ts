import type { SourceId, TargetId } from "../contracts/state-store.ts";
import type { Json } from "../contracts/target.ts";
import { SluiceError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { KnownLogic } from "../plan/index.ts";

/** What the store knows of a flow's sources and backends. */
export interface SetupRecord {
  readonly flow: string;
  readonly nextSourceId: number;
  readonly nextTargetId: number;
  readonly sources: readonly RecordedSource[];
  readonly targets: readonly RecordedTarget[];
  /** What its sources need in outside systems beside their rows. */
  readonly sourceSetups: readonly RecordedSourceSetup[];
  /** What rows were made with, present and former, oldest first: read only to explain why rows ran. */
  readonly logics: readonly KnownLogic[];
  /** The order of sources that the owner indexes are settled for. */
  readonly sourceOrder: readonly SourceId[];
}

export interface RecordedSource {
  readonly id: SourceId;
  readonly name: string;
  /** It left the definition; the next update removes what it yielded. */
  readonly gone: boolean;
}

/** What a source needs beside its rows, that the flow owns or may own. */
export interface RecordedSourceSetup {
  /** The source's name when it was last set up. */
  readonly name: string;
  /** The kind of source. */
  readonly kind: string;
  readonly key: Json;
  /** The state that it is in where no setup was interrupted; null = absent. */
  readonly current: Json;
  /** The states that interrupted setups may have left it in, besides `current`; null = absent. */
  readonly staged: readonly Json[];
}

/** A backend that the flow owns, or may own. */
export interface RecordedTarget {
  readonly id: TargetId;
  /** The export's name when it was last set up. */
  readonly name: string;
  readonly kind: string;
  readonly key: Json;
  /** Counts up whenever rows must be written again although their values are the same. */
  readonly schemaVersion: number;
  /** The state that it is in where no setup was interrupted; null = absent. */
  readonly current: Json;
  /** The states that interrupted setups may have left it in, besides `current`; null = absent. */
  readonly staged: readonly Json[];
  /** Its user creates and drops it; Sluice only writes rows. */
  readonly setupByUser: boolean;
  readonly ownerIndex: OwnerIndexState;
  /**
   * Null but for a backend that was there before Sluice knew of it, until the first complete update has removed what
   * it held and no source yields.
   */
  readonly adoption: AdoptionState | null;
}

export interface AdoptionState {
  /** How many rows it held; null while setup takes them down. */
  readonly rows: number | null;
}

/**
 * Whether it is kept which rows claim which key of a backend. Needless: no two rows can yield one key, since the keys
 * of all of its rows come from one place. Building: it is needed from now on, and the next update makes it.
 */
export type OwnerIndexState =
  | { readonly kind: "needless"; readonly origin: Json }
  | { readonly kind: "building" }
  | { readonly kind: "kept" };

export function emptySetupRecord(flow: string): SetupRecord {
  return {
    flow,
    nextSourceId: 1,
    nextTargetId: 1,
    sources: [],
    targets: [],
    sourceSetups: [],
    logics: [],
    sourceOrder: [],
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeSetupRecord(record: SetupRecord): Uint8Array {
  return encoder.encode(JSON.stringify(record));
}

export function decodeSetupRecord(bytes: Uint8Array): SetupRecord {
  try {
    const record = JSON.parse(decoder.decode(bytes)) as SetupRecord;
    // Records of the time before sources were set up have none.
    return { ...record, sourceSetups: record.sourceSetups ?? [] };
  } catch (cause) {
    throw new SluiceError("store-damaged", "the setup record of a flow cannot be read", { cause });
  }
}

type RecordedStates = Pick<RecordedTarget, "current" | "staged">;

/** Every state that something may be in, each once. */
export function possibleStates({ current, staged }: RecordedStates): Json[] {
  return distinct([current, ...staged]);
}

/** The states beside the current one that it may be in, once it may be in these too. */
export function withStates({ current, staged }: RecordedStates, more: readonly Json[]): Json[] {
  return distinct([current, ...staged, ...more]).slice(1);
}

/** Each state once, where it first stands. */
function distinct(states: readonly Json[]): Json[] {
  const byText = new Map<string, Json>();
  for (const state of states) {
    const text = canonicalJson(state);
    if (!byText.has(text)) byText.set(text, state);
  }
  return [...byText.values()];
}
