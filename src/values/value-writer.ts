import type { SluiceError } from "../errors/index.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { compareText } from "./compare-text.ts";
import { invalidValue } from "./invalid-value.ts";
import { expected, Misfit } from "./misfit.ts";
import { compileNormalizer } from "./normalize.ts";
import { scalarNormalizers } from "./normalize-scalar.ts";
import { fieldReader, type PlainObject } from "./own-property.ts";
import { writeBytes, writeDouble, writeSingle, writeVector } from "./plain-part.ts";
import { sortByKey } from "./row-order.ts";
import { writeSelfDescribing } from "./self-describing.ts";
import { isTextKind, type TextKind, textForms } from "./text-form.ts";
import {
  type FieldType,
  isScalar,
  type ScalarKind,
  type TableType,
  type TypeOfKind,
  type ValueType,
} from "./value-type.ts";

export type Write = (writer: ByteWriter, value: unknown) => void;

/** Compiles the writing of values of a type. */
export function compileWriter(type: ValueType): Write {
  const write = compileNonNull(type);
  if (!type.nullable) return write;
  return (writer, value) => {
    const isNull = value === null || value === undefined;
    writer.u8(isNull ? 0 : 1);
    if (!isNull) write(writer, value);
  };
}

function compileNonNull(type: ValueType): Write {
  if (isScalar(type)) return scalarWriter(type.kind);
  switch (type.kind) {
    case "vector":
      return vectorWriter(type);
    case "list":
      return elementsWriter(compileWriter(type.element));
    case "tuple":
      return tupleWriter(type.items.map(compileWriter));
    case "struct":
      return structWriter(type.fields);
    case "table":
      return tableWriter(type);
    case "union":
      return unionWriter(type);
  }
}

function scalarWriter(kind: ScalarKind): Write {
  if (isTextKind(kind)) return textFormWriter(kind);
  if (kind === "string") return writeText;
  return checkedWriter(kind);
}

function writeText(writer: ByteWriter, value: unknown): void {
  if (typeof value !== "string") throw wrong("a string", value);
  writer.text(value);
}

type CheckedKind = Exclude<ScalarKind, TextKind | "string">;

/** The rest is checked and written in its canonical form, at no cost but a comparison or two. */
function checkedWriter(kind: CheckedKind): Write {
  const normalize = scalarNormalizers[kind];
  const write = checkedWrites[kind];
  return (writer, value) => {
    const canonical = normalize(value);
    if (canonical instanceof Misfit) throw invalidValue(canonical.toString());
    write(writer, canonical as never);
  };
}

const checkedWrites: { readonly [Kind in CheckedKind]: (writer: ByteWriter, value: never) => void } = {
  boolean: (writer, value: boolean) => writer.u8(value ? 1 : 0),
  bytes: writeBytes,
  int: (writer, value: number) => writer.varint(value),
  int64(writer, value: bigint) {
    const at = writer.claim(8);
    writer.view.setBigInt64(at, value, true);
  },
  float32: writeSingle,
  float64: writeDouble,
  range(writer, [start, end]: readonly [number, number]) {
    writer.varint(start);
    writer.varint(end);
  },
  json(writer, value: unknown) {
    if (value === null) throw wrong("a JSON value", value);
    writeSelfDescribing(writer, value);
  },
};

function textFormWriter(kind: TextKind): Write {
  const form = textForms[kind];
  return (writer, value) => {
    if (typeof value !== "string") throw wrong(`the text of a ${kind}`, value);
    const problem = form.write(writer, value);
    if (problem !== null) throw invalidValue(problem.toString());
  };
}

function vectorWriter(type: TypeOfKind<"vector">): Write {
  const name = type.element === "float32" ? "Float32Array" : "Float64Array";
  return (writer, value) => {
    const vector = value as Float32Array | Float64Array;
    if (!ArrayBuffer.isView(value) || vector[Symbol.toStringTag] !== name) throw wrong(`a ${name}`, value);
    if (type.dimension !== null && vector.length !== type.dimension) {
      throw invalidValue(`expected a vector of ${type.dimension} numbers, got ${vector.length}`);
    }
    writeVector(writer, vector);
  };
}

/** Each element takes a byte or more, which is what lets a reader bound a damaged count. */
function elementsWriter(write: Write): Write {
  return (writer, value) => {
    if (!Array.isArray(value)) throw wrong("an array", value);
    writer.varuint(value.length);
    for (let i = 0; i < value.length; i++) write(writer, value[i]);
  };
}

function tupleWriter(items: readonly Write[]): Write {
  return (writer, value) => {
    if (!Array.isArray(value) || value.length > items.length)
      throw wrong(`an array of ${items.length}`, value);
    if (items.length === 0) writer.u8(0);
    for (let i = 0; i < items.length; i++) items[i]!(writer, value[i]);
  };
}

function structWriter(fieldTypes: readonly FieldType[]): Write {
  const fields = sortedFields(fieldTypes).map((field) => ({
    get: fieldReader(field.name),
    write: compileField(field),
  }));
  return (writer, value) => {
    if (typeof value !== "object" || value === null) throw wrong("an object", value);
    if (fields.length === 0) writer.u8(0);
    for (let i = 0; i < fields.length; i++) fields[i]!.write(writer, fields[i]!.get(value as PlainObject));
  };
}

/** The order in which the fields of a struct are written. */
export function sortedFields(fields: readonly FieldType[]): readonly FieldType[] {
  return [...fields].sort((a, b) => compareText(a.name, b.name));
}

function compileField(field: FieldType): Write {
  const write = compileWriter(field.type);
  if (!field.optional) return write;
  return (writer, value) => {
    const absent = value === undefined || (value === null && !field.type.nullable);
    writer.u8(absent ? 0 : 1);
    if (!absent) write(writer, value);
  };
}

function tableWriter(table: TableType): Write {
  const write = elementsWriter(structWriter(table.fields));
  if (table.keyFields === null) return write;
  const sort = sortByKey(table);
  return (writer, value) => {
    if (!Array.isArray(value)) throw wrong("an array of rows", value);
    const rows = sort(value);
    if (rows instanceof Misfit) throw invalidValue(rows.toString());
    write(writer, rows);
  };
}

/** An option is found so that its canonical form is written; what is read back finds the same one. */
function unionWriter(type: TypeOfKind<"union">): Write {
  const normalize = compileNormalizer({ ...type, nullable: false }, "lenient");
  return (writer, value) => {
    const canonical = normalize(value);
    if (canonical instanceof Misfit) throw invalidValue(canonical.toString());
    writeSelfDescribing(writer, canonical);
  };
}

function wrong(what: string, value: unknown): SluiceError {
  return invalidValue(expected(what, value).toString());
}
