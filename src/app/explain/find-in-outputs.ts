import type { RowAddress } from "../../contracts/state-store.ts";
import { type OutputEntry, readOutputs, ScanCursor, stateOf } from "../../engine/index.ts";
import { bytesToMapKey } from "../../kernel/bytes.ts";
import { encodedKeys, keysOfSource, keyText } from "./encoded-keys.ts";
import type { NearKeys } from "./near-keys.ts";
import type { FoundKey, TargetOnRecord } from "./target-on-record.ts";

/** How many rows are read at once. */
const rowsAtOnce = 256;

/**
 * Finds a target key, which no two rows yield, by what rows have on record. Where the key says whose it is, that row
 * alone is read; else the rows of every source are gone through.
 */
export async function findInOutputs(
  target: TargetOnRecord,
  given: unknown,
  near: NearKeys,
): Promise<FoundKey | null> {
  const search = new OutputSearch(target, given, near);
  const said = await search.look(rowsSaid(target, given));
  if (said !== null) return said;
  for await (const rows of allRows(target)) {
    const found = await search.look(rows);
    if (found !== null) return found;
  }
  return null;
}

class OutputSearch {
  readonly #target: TargetOnRecord;
  readonly #given: unknown;
  readonly #near: NearKeys;
  readonly #meant: ReadonlySet<string>;

  constructor(target: TargetOnRecord, given: unknown, near: NearKeys) {
    this.#target = target;
    this.#given = given;
    this.#near = near;
    this.#meant = new Set(encodedKeys(given, target.planned).map(bytesToMapKey));
  }

  async look(rows: readonly RowAddress[]): Promise<FoundKey | null> {
    const { flow, id } = this.#target;
    const outputs = await readOutputs(flow.store, flow.id, rows);
    for (const [at, targets] of outputs.entries()) {
      const entries = targets.find(({ target }) => target === id)?.entries ?? [];
      const entry = entries.find((each) => this.#isMeant(each));
      if (entry) return foundIn(rows[at]!, entry);
    }
    return null;
  }

  #isMeant({ key }: OutputEntry): boolean {
    if (this.#meant.has(bytesToMapKey(key))) return true;
    const text = keyText(key, this.#target.planned);
    if (text === this.#given) return true;
    this.#near.offer(text);
    return false;
  }
}

function foundIn({ source, key: row }: RowAddress, { key, states }: OutputEntry): FoundKey {
  return {
    key,
    owned: { claims: [{ source, row, fingerprint: null }], state: stateOf(states), failure: null },
  };
}

/** The rows whose keys a target key is made of. */
function rowsSaid({ flow, planned }: TargetOnRecord, given: unknown): RowAddress[] {
  const { keyOrigin } = planned;
  if (keyOrigin?.kind !== "row") return [];
  const plannedSource = flow.plan.sources.find(({ name }) => name === keyOrigin.source)!;
  const source = flow.bindings.sources.get(plannedSource.name)!;
  const isStruct = plannedSource.step.keyType.kind === "struct";
  return encodedKeys(given, planned).flatMap((encoded) => {
    const fields = planned.keyCodec.decode(encoded) as Readonly<Record<string, unknown>>;
    const key = Object.fromEntries(keyOrigin.fields.map(([from, to]) => [to, fields[from]]));
    const keys = encodedKeys(isStruct ? key : key.key, keysOfSource(plannedSource));
    return keys.map((row) => ({ source, key: row }));
  });
}

async function* allRows({ flow }: TargetOnRecord): AsyncGenerator<readonly RowAddress[]> {
  for (const source of flow.bindings.order) {
    const cursor = new ScanCursor(flow.store.scan(flow.id, source));
    let rows: RowAddress[] = [];
    try {
      while (await cursor.advance()) {
        rows.push({ source, key: cursor.copyKey() });
        if (rows.length < rowsAtOnce) continue;
        yield rows;
        rows = [];
      }
    } finally {
      cursor.close();
    }
    if (rows.length > 0) yield rows;
  }
}
