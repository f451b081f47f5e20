import type { FlowId, RowRecords, SourceId, StateStore } from "../contracts/state-store.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import type { Plan } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";
import type { Bindings } from "./bindings.ts";
import { decodeOutputRecord, type TargetOutput } from "./output-record.ts";
import { ScanCursor } from "./scan-cursor.ts";
import { sourceLogic } from "./source-logic.ts";
import { storedKeyText } from "./stored-key.ts";

/** What reading the records of a flow needs. */
export interface RecordReading {
  readonly plan: Plan;
  readonly flow: FlowId;
  readonly bindings: Bindings;
  readonly store: StateStore;
  readonly signal: AbortSignal;
}

/** A source whose rows the store tracks, as one target is concerned. */
export interface TrackedSource {
  readonly name: string;
  readonly id: SourceId;
  /** A row's encoded key in words. */
  formatKey(key: Uint8Array): string;
  /** What entries for the target are made with now; null where the source does not feed it. */
  readonly logic: Fingerprint | null;
}

/** What the store keeps of a row that may have something in the target. */
export interface RecordedRow {
  readonly source: TrackedSource;
  readonly key: Uint8Array;
  readonly records: RowRecords;
  readonly output: TargetOutput;
}

/** How many rows are read at once. */
const pageRows = 256;

/** All that the store keeps of one source's rows with output for an export's target, page by page. */
export async function* recordedRows(
  reading: RecordReading,
  exportIndex: number,
  source: TrackedSource,
): AsyncGenerator<readonly RecordedRow[]> {
  const target = reading.bindings.targets[exportIndex]!.id;
  for await (const keys of trackedKeys(reading, source.id)) {
    const addresses = keys.map((key) => ({ source: source.id, key }));
    const all = await reading.store.readRows(reading.flow, addresses);
    const rows = all.flatMap((records, i): RecordedRow[] => {
      const outputs = records.outputs === null ? [] : decodeOutputRecord(records.outputs).targets;
      const output = outputs.find((one) => one.target === target);
      return output ? [{ source, key: keys[i]!, records, output }] : [];
    });
    if (rows.length > 0) yield rows;
  }
}

async function* trackedKeys({ store, flow, signal }: RecordReading, source: SourceId) {
  const cursor = new ScanCursor(store.scan(flow, source));
  try {
    let keys: Uint8Array[] = [];
    while (await cursor.advance()) {
      keys.push(cursor.copyKey());
      if (keys.length < pageRows) continue;
      signal.throwIfAborted();
      yield keys;
      keys = [];
    }
    if (keys.length > 0) yield keys;
  } finally {
    cursor.close();
  }
}

/** The sources of a flow, those included that left it and whose rows are still tracked. */
export function trackedSources({ plan, bindings }: RecordReading, exportIndex: number): TrackedSource[] {
  const present = plan.sources.map((source): TrackedSource => {
    const outlet = sourceLogic(source, bindings).outlets.find((one) => one.export === exportIndex);
    return {
      name: source.name,
      id: bindings.sources.get(source.name)!,
      formatKey: (key) => storedKeyText(source, key),
      logic: outlet?.logic ?? null,
    };
  });
  const gone = bindings.gone.map(({ name, id }) => ({ name, id, formatKey: bytesToHex, logic: null }));
  return [...present, ...gone];
}
