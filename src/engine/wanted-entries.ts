import { SluiceError, toSluiceError } from "../errors/index.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import type { PlannedExport, Program } from "../plan/index.ts";
import { type Digest, formatKey, normalizer, type ValueCodec, valueCodec } from "../values/index.ts";
import type { Entry, Yielded } from "./evaluate.ts";
import { generatedUuid } from "./generated-uuid.ts";
import type { WantedEntry } from "./reconcile.ts";
import type { TargetValue } from "./row-work.ts";
import { keyOfStruct } from "./target-key.ts";
import { type ExportShape, valueDigester } from "./value-fingerprint.ts";

export interface RowIdentity {
  readonly flow: string;
  readonly source: string;
  readonly key: Uint8Array;
}

/** Turns what collectors gathered from a row into the rows that its exports should hold, each key once. */
export class EntryEncoder {
  readonly #shapes: readonly ExportShape[];
  readonly #digests: readonly ((value: unknown) => Digest)[];
  readonly #collectors = new Map<number, CollectorCodec>();

  constructor(shapes: readonly ExportShape[]) {
    this.#shapes = shapes;
    this.#digests = shapes.map(valueDigester);
    for (const { planned } of shapes) {
      const { collector } = planned.step;
      if (!this.#collectors.has(collector)) this.#collectors.set(collector, collectorCodec(planned));
    }
  }

  /** By export index; exports that the program does not feed are left out. */
  encode(
    row: RowIdentity,
    program: Program,
    yielded: readonly Yielded[],
  ): Map<number, WantedEntry<TargetValue>[]> {
    const wanted = new Map<number, Map<string, WantedEntry<TargetValue>>>();
    for (const indexes of program.exportsOf) for (const index of indexes) wanted.set(index, new Map());
    const equalBefore = new Map<string, number>();
    for (const entry of yielded) {
      if (entry.kind !== "entry" || program.exportsOf[entry.collector]!.length === 0) continue;
      const values = this.#valuesOf(row, entry, equalBefore);
      for (const index of program.exportsOf[entry.collector]!) this.#add(wanted.get(index)!, index, values);
    }
    return new Map([...wanted].map(([index, byKey]) => [index, [...byKey.values()]]));
  }

  #add(
    byKey: Map<string, WantedEntry<TargetValue>>,
    index: number,
    values: Readonly<Record<string, unknown>>,
  ): void {
    const { planned } = this.#shapes[index]!;
    try {
      const key = planned.keyCodec.encode(values);
      const mapKey = bytesToMapKey(key);
      if (byKey.has(mapKey)) {
        this.#refuseDuplicate(planned, values);
        return;
      }
      const value = pick(planned.schema.valueFields, values);
      const { fingerprint, size } = this.#digests[index]!(value);
      const keyForTarget = keyOfStruct(planned, pick(planned.schema.keyFields, values));
      byKey.set(mapKey, { key, fingerprint, value: { key: keyForTarget, value, size } });
    } catch (thrown) {
      throw toSluiceError(thrown, "value-invalid", { where: { target: planned.name } });
    }
  }

  /** The first entry of a row wins, unless the export forbids a second. */
  #refuseDuplicate(planned: PlannedExport, values: Readonly<Record<string, unknown>>): void {
    if (planned.step.onDuplicateKey === "first") return;
    const key = formatKey(planned.keyType, pick(planned.schema.keyFields, values));
    throw new SluiceError("target-key-duplicate", `two entries of the row have the key ${key}`, {
      hint: 'Add a field to primaryKeyFields, or let the first one win with onDuplicateKey: "first".',
    });
  }

  #valuesOf(row: RowIdentity, entry: Entry, equalBefore: Map<string, number>): Record<string, unknown> {
    const { name, normalize, codecWithout } = this.#collectors.get(entry.collector)!;
    if (entry.generated.length === 0) return normalize(entry.values) as Record<string, unknown>;
    const values = { ...entry.values };
    const others = codecWithout(entry.generated).encode(values);
    const mapKey = `${entry.collector}:${bytesToMapKey(others)}`;
    const nth = equalBefore.get(mapKey) ?? 0;
    equalBefore.set(mapKey, nth + 1);
    for (const field of entry.generated) {
      values[field] = generatedUuid({
        flow: row.flow,
        source: row.source,
        rowKey: row.key,
        collector: name,
        field,
        others,
        nth,
      });
    }
    return normalize(values) as Record<string, unknown>;
  }
}

interface CollectorCodec {
  /** A slice's own type may be narrower than its field's. */
  normalize(values: unknown): unknown;
  /** The first export of the collector names it: its position would shift when another is added. */
  readonly name: string;
  codecWithout(fields: readonly string[]): ValueCodec;
}

function collectorCodec(planned: PlannedExport): CollectorCodec {
  const { keyFields, valueFields } = planned.schema;
  const codecs = new Map<string, ValueCodec>();
  return {
    normalize: normalizer({ kind: "struct", fields: [...keyFields, ...valueFields], nullable: false }),
    name: planned.idName,
    codecWithout(names) {
      const cacheKey = names.join("\0");
      const fields = [...keyFields, ...valueFields].filter(({ name }) => !names.includes(name));
      const codec = codecs.get(cacheKey) ?? valueCodec({ kind: "struct", fields, nullable: false });
      codecs.set(cacheKey, codec);
      return codec;
    },
  };
}

function pick(
  fields: readonly { readonly name: string }[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const { name } of fields) picked[name] = values[name];
  return picked;
}
