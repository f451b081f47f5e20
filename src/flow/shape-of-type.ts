/** Questions that the public types ask about the type of a value. */

export type IsAny<T> = 0 extends 1 & T ? true : false;

export type IsUnion<T, U = T> = [T] extends [never]
  ? false
  : T extends unknown
    ? [U] extends [T]
      ? false
      : true
    : never;

/** Without null; a field that may be absent is null where it is. */
export type Present<T> = Exclude<T, null | undefined>;

/** `null` where the value may be missing, else nothing. */
export type NullIn<T> = [Extract<T, null | undefined>] extends [never] ? never : null;

/** Values without fields of their own. */
type Opaque = string | number | boolean | bigint | symbol | Uint8Array | Float32Array | Float64Array | Date;

/** Plain objects whose fields are known: neither JSON nor records, and no union. */
export type IsStruct<T> =
  IsUnion<T> extends true
    ? false
    : [T] extends [Opaque | readonly unknown[] | ((...args: never) => unknown)]
      ? false
      : [T] extends [object]
        ? string extends keyof T
          ? false
          : true
        : false;

/** Arrays of one struct type; a tuple has a length of its own. */
export type IsTable<T> =
  IsUnion<T> extends true
    ? false
    : [T] extends [readonly [] | readonly [unknown, ...unknown[]]]
      ? false
      : [T] extends [readonly (infer R)[]]
        ? IsAny<R> extends true
          ? false
          : IsStruct<R>
        : false;

export type RowIn<T> = T extends readonly (infer R)[] ? R : never;

/** Undoes `as const`. */
export type Mutable<T> = T extends Opaque | ((...args: never) => unknown)
  ? T
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;
