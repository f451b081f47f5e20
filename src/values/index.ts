export { whyNotAssignable } from "./assignable.ts";
export { type ByteWriter, withWriter } from "./byte-writer.ts";
export { compareText } from "./compare-text.ts";
export { fieldOfType } from "./field-of-type.ts";
export { type Fingerprint, fingerprint, fingerprintBytes } from "./fingerprint.ts";
export { formatKey } from "./format-key.ts";
export { fromJsonForm, toJsonForm } from "./json-form.ts";
export { type KeyCodec, keyCodec } from "./key-codec.ts";
export { keyTypeProblem } from "./key-type-problem.ts";
export { normalizer } from "./normalize.ts";
export { schemaNeedsParse } from "./schema-needs-parse.ts";
export {
  bytes,
  date,
  duration,
  float32,
  type IsoDate,
  type IsoDuration,
  type IsoLocalDateTime,
  type IsoOffsetDateTime,
  type IsoTime,
  int64,
  type JsonValue,
  json,
  localDateTime,
  offsetDateTime,
  range,
  type SluiceSchema,
  schemaOf,
  time,
  type Uuid,
  uuid,
  vector,
} from "./schemas.ts";
export { formatType, typeSignature } from "./signature.ts";
export { table } from "./table.ts";
export { toPlain } from "./to-plain.ts";
export { typeOfSchema } from "./type-of-schema.ts";
export { type Digest, type ValueCodec, valueCodec } from "./value-codec.ts";
export type {
  FieldType,
  TypeOfKind,
  ValueType,
} from "./value-type.ts";
