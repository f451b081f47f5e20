import { SluiceError } from "../errors/index.ts";
import { expected, Misfit } from "./misfit.ts";
import { normalizeElements } from "./normalize-elements.ts";
import { type Normalize, type Strictness, scalarNormalizers } from "./normalize-scalar.ts";
import { structNormalizer } from "./normalize-struct.ts";
import { tableNormalizer } from "./normalize-table.ts";
import { vectorNormalizer } from "./normalize-vector.ts";
import { isScalar, type TypeOfKind, type ValueType } from "./value-type.ts";

/**
 * Compiles the check that a value fits a type, which yields the value's canonical form: dates in their one text,
 * −0 as 0, float32 rounded, `undefined` as null where null may be, struct fields in the order of their declaration
 * without those that the type does not have, rows of a keyed table sorted by key. What is canonical already comes
 * back as the same object; nothing that is given is ever changed.
 *
 * The function throws SluiceError `value-invalid` whose message starts with the place: `chunks[3].text: …`.
 */
export function normalizer(type: ValueType): (value: unknown) => unknown {
  const normalize = compileNormalizer(type, "lenient");
  return (value) => {
    const result = normalize(value);
    if (result instanceof Misfit) throw new SluiceError("value-invalid", result.toString());
    return result;
  };
}

/** The same as {@link normalizer}, but what does not fit is returned. */
export function compileNormalizer(type: ValueType, strictness: Strictness): Normalize {
  const normalize = compileNonNull(type, strictness);
  if (!type.nullable) return normalize;
  return (value) => (value === null || value === undefined ? null : normalize(value));
}

function compileNonNull(type: ValueType, strictness: Strictness): Normalize {
  if (isScalar(type)) return scalarNormalizer(type, strictness);
  const compile = (part: ValueType) => compileNormalizer(part, strictness);
  switch (type.kind) {
    case "vector":
      return vectorNormalizer(type, strictness);
    case "list":
      return listNormalizer(compile(type.element));
    case "tuple":
      return tupleNormalizer(type.items.map(compile));
    case "struct":
      return structNormalizer(type.fields, compile, strictness);
    case "table":
      return tableNormalizer(type, structNormalizer(type.fields, compile, strictness));
    case "union":
      return unionNormalizer(type);
  }
}

function scalarNormalizer(type: { kind: keyof typeof scalarNormalizers }, strictness: Strictness): Normalize {
  const normalize = scalarNormalizers[type.kind];
  if (type.kind === "float32" && strictness === "strict") {
    return (value) => {
      const rounded = normalize(value);
      return rounded === value || Number.isNaN(value) ? rounded : expected("a float32", value);
    };
  }
  // In JSON null is a value, but the type of a flow says whether null may be there.
  if (type.kind === "json")
    return (value) => (value === null ? expected("a JSON value", value) : normalize(value));
  return normalize;
}

function listNormalizer(normalize: Normalize): Normalize {
  return (value) =>
    Array.isArray(value) ? normalizeElements(value, normalize) : expected("an array", value);
}

/** Items that may be null may be left out at the end. */
function tupleNormalizer(items: readonly Normalize[]): Normalize {
  return (value) => {
    if (!Array.isArray(value) || value.length > items.length)
      return expected(`an array of ${items.length}`, value);
    let changed = value.length < items.length;
    const copy: unknown[] = [];
    for (const [i, normalize] of items.entries()) {
      const after = normalize(value[i]);
      if (after instanceof Misfit) return after.underIndex(i);
      changed ||= !Object.is(after, value[i]);
      copy.push(after);
    }
    return changed ? copy : value;
  };
}

function unionNormalizer(type: TypeOfKind<"union">): Normalize {
  const attempts = (["strict", "lenient"] as const).flatMap((strictness) =>
    type.options.map((option) => compileNormalizer(option, strictness)),
  );
  const normalize: Normalize = (value) => {
    let nearest: Misfit | null = null;
    for (const attempt of attempts) {
      const result = attempt(value);
      // An option that comes before this one may take the canonical form, though it did not take the value.
      if (!(result instanceof Misfit)) return Object.is(result, value) ? result : normalize(result);
      // Of all the complaints, the one from deepest inside is of the option that was most likely meant.
      if (nearest === null || result.path.length > nearest.path.length) nearest = result;
    }
    return nearest === null || nearest.path === ""
      ? expected(`one of ${type.options.map((o) => o.kind).join(", ")}`, value)
      : nearest;
  };
  return normalize;
}
