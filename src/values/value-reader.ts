import { type ByteReader, damaged } from "./byte-reader.ts";
import { Misfit } from "./misfit.ts";
import { compileNormalizer } from "./normalize.ts";
import { type PlainObject, setOwn } from "./own-property.ts";
import { readBytes, readDouble, readSingle, readVector } from "./plain-part.ts";
import { sortByKey } from "./row-order.ts";
import { readSelfDescribing } from "./self-describing.ts";
import { isTextKind, textForms } from "./text-form.ts";
import { type FieldType, isScalar, type ScalarKind, type TypeOfKind, type ValueType } from "./value-type.ts";
import { sortedFields } from "./value-writer.ts";

export type Read = (reader: ByteReader) => unknown;

/** Compiles the reading of values of a type. */
export function compileReader(type: ValueType): Read {
  const read = compileNonNull(type);
  return type.nullable ? (reader) => (reader.flag() ? read(reader) : null) : read;
}

function compileNonNull(type: ValueType): Read {
  if (isScalar(type)) return scalarReader(type.kind);
  switch (type.kind) {
    case "vector":
      return vectorReader(type);
    case "list":
      return elementsReader(compileReader(type.element));
    case "tuple":
      return tupleReader(type.items.map(compileReader));
    case "struct":
      return structReader(type.fields);
    case "table":
      return tableReader(type);
    case "union":
      return unionReader(type);
  }
}

function scalarReader(kind: ScalarKind): Read {
  return isTextKind(kind) ? textForms[kind].read : scalarReaders[kind];
}

const scalarReaders: Readonly<Record<Exclude<ScalarKind, keyof typeof textForms>, Read>> = {
  boolean: (reader) => reader.flag(),
  string: (reader) => reader.text(),
  bytes: readBytes,
  int: (reader) => reader.varint(),
  int64: (reader) => reader.view.getBigInt64(reader.claim(8), true),
  float32: readSingle,
  float64: readDouble,
  range(reader) {
    const range = [reader.varint(), reader.varint()] as const;
    if (range[0] > range[1]) throw damaged("a range ends before it starts");
    return range;
  },
  json(reader) {
    const value = readSelfDescribing(reader, true);
    if (value === null) throw damaged("there is null where none may be");
    return value;
  },
};

function vectorReader(type: TypeOfKind<"vector">): Read {
  return (reader) => {
    const vector = readVector(reader, type.element);
    if (type.dimension === null || vector.length === type.dimension) return vector;
    throw damaged(`a vector of ${type.dimension} numbers has ${vector.length}`);
  };
}

function elementsReader(read: Read): Read {
  return (reader) => {
    const elements: unknown[] = [];
    for (let left = reader.count(); left > 0; left--) elements.push(read(reader));
    return elements;
  };
}

/** The rows of a keyed table were written in their order; any other comes from damage. */
function tableReader(type: TypeOfKind<"table">): Read {
  const read = elementsReader(structReader(type.fields));
  if (type.keyFields === null) return read;
  const sort = sortByKey(type);
  return (reader) => {
    const rows = read(reader) as readonly unknown[];
    if (sort(rows) !== rows) throw damaged("the rows of a table are not in their order");
    return rows;
  };
}

function tupleReader(items: readonly Read[]): Read {
  return (reader) => {
    if (items.length === 0) readFiller(reader);
    return items.map((read) => read(reader));
  };
}

/** Fields are read in the order of their bytes and set in the order of their declaration. */
function structReader(fieldTypes: readonly FieldType[]): Read {
  const stored = sortedFields(fieldTypes).map((field) => ({
    read: compileField(field),
    place: fieldTypes.indexOf(field),
  }));
  const names = fieldTypes.map((field) => field.name);
  return (reader) => {
    if (names.length === 0) readFiller(reader);
    const values: unknown[] = new Array(names.length);
    for (const { read, place } of stored) values[place] = read(reader);
    const struct: PlainObject = {};
    for (let i = 0; i < names.length; i++) {
      if (values[i] !== undefined) setOwn(struct, names[i]!, values[i]);
    }
    return struct;
  };
}

function compileField(field: FieldType): Read {
  const read = compileReader(field.type);
  return field.optional ? (reader) => (reader.flag() ? read(reader) : undefined) : read;
}

/** Normalising finds the option again, and with it the order of fields. */
function unionReader(type: TypeOfKind<"union">): Read {
  const normalize = compileNormalizer({ ...type, nullable: false }, "lenient");
  return (reader) => {
    const value = normalize(readSelfDescribing(reader, false));
    if (value instanceof Misfit) throw damaged(`a value fits no option of its union (${value})`);
    return value;
  };
}

function readFiller(reader: ByteReader): void {
  if (reader.u8() !== 0) throw damaged("something stands where nothing may be");
}
