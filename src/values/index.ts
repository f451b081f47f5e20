export { type Fingerprint, fingerprint } from "./fingerprint.ts";
export type { FieldType, ScalarKind, TableType, TypeOfKind, ValueType } from "./value-type.ts";
