import type { FlowId, StateStore } from "../../../src/contracts/state-store.ts";
import { decodeVersionRecord } from "../../../src/engine/version-record.ts";
import { decodeSetupRecord } from "../../../src/setup/index.ts";
import { fingerprint, typeOfSchema, valueCodec } from "../../../src/values/index.ts";
import type { Case, Key } from "../case.ts";
import { flowName, type SourceShape } from "../flow-shape.ts";
import { encodeKey } from "../model/make-ids.ts";
import { type Problem, problem } from "../oracle/problem.ts";
import { type BookRow, keyText, rowValue } from "../world/books.ts";
import { valueSchema } from "../world/simulated-source.ts";
import type { LiveBooks } from "./live-books.ts";

/** A change that a source has told of, and wants to hear back about. */
export interface ToldChange {
  readonly source: SourceShape;
  readonly key: Key;
  /** The number of the row's state that it tells of. */
  readonly state: number;
  taken: boolean;
  acknowledged: number;
}

export interface AcknowledgementsOptions {
  readonly simulated: Case;
  readonly books: LiveBooks;
  found(problem: Problem): void;
  log(line: string): void;
}

const flow = flowName as FlowId;
const codec = valueCodec(typeOfSchema(valueSchema, "a value"));

/** Judges what is acknowledged: just what is durable, once, and in the end all of it. */
export class Acknowledgements {
  readonly #options: AcknowledgementsOptions;
  #store: StateStore | null = null;
  #told: ToldChange[] = [];
  /** Changes that the watchers of the process have told, by source. */
  #taken = new Map<string, number>();
  /** All that were acknowledged in the round. */
  count = 0;

  constructor(options: AcknowledgementsOptions) {
    this.#options = options;
  }

  /** Another process: what was told to the one before need not be acknowledged any more. */
  begin(store: StateStore): void {
    this.#store = store;
    this.#told = [];
    this.#taken = new Map();
  }

  add(change: Pick<ToldChange, "source" | "key" | "state">): ToldChange {
    const told = { ...change, taken: false, acknowledged: 0 };
    this.#told.push(told);
    return told;
  }

  taken(source: string, changes: number): void {
    this.#taken.set(source, this.takenFrom(source) + changes);
  }

  takenFrom(source: string): number {
    return this.#taken.get(source) ?? 0;
  }

  /** Those that were told and are not acknowledged. */
  get outstanding(): readonly ToldChange[] {
    return this.#told.filter(({ taken, acknowledged }) => taken && acknowledged === 0);
  }

  async acknowledge(told: ToldChange): Promise<void> {
    const { found } = this.#options;
    this.count++;
    this.#options.log(`ACKNOWLEDGED ${textOf(told)}`);
    told.acknowledged++;
    const wrong = told.acknowledged > 1 ? "that twice" : await this.#whatIsWrong(told);
    if (wrong !== null) found(problem("acknowledged", `${textOf(told)}, and ${wrong}`));
  }

  /** Null where the row is durable as the change says, or as it was later; or where its failure is. */
  async #whatIsWrong({ source, key, state }: ToldChange): Promise<string | null> {
    const { simulated, books } = this.#options;
    const store = this.#store!;
    const setup = await store.readSetup(flow);
    const id = decodeSetupRecord(setup!.record).sources.find(({ name }) => name === source.name)!.id;
    const since = books.since(source.book, keyText(key), state);
    const address = { source: id, key: encodeKey(simulated.books[source.book]!, key) };
    const [record] = await store.readVersions(flow, [address]);
    if (!record) return since.includes(null) ? null : "nothing is known of the row";
    const { committed, failures } = decodeVersionRecord(record);
    if (failures > 0) return null;
    // One that is staged and was never committed is not there: as far as it is durable, it is gone.
    const content = committed?.content ?? null;
    const contents = since.map((row) => row && contentOf(row, source));
    return contents.includes(content) ? null : "the row is stored as it was before";
  }
}

function contentOf(row: BookRow, { edition }: SourceShape): string {
  return fingerprint(codec.encode(rowValue(row, edition)));
}

export function textOf({ source, key, state }: ToldChange): string {
  return `change ${state} of ${source.name} ${keyText(key)} was acknowledged`;
}
