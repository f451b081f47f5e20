import { defOf, type SchemaDef, type SchemaPlace, unsupported } from "./schema-place.ts";
import type { ScalarKind } from "./value-type.ts";

/** The definition itself and those of its checks: `z.iso.date()` has its format in the one, `z.string().date()` in the other. */
function formatsOf(def: SchemaDef): readonly SchemaDef[] {
  const checks = (def.checks as readonly unknown[] | undefined) ?? [];
  return [def, ...checks.map(defOf)].filter((part) => typeof part.format === "string");
}

/** The kind of a text by its format; formats that have no kind of their own (e-mail, URL, …) are strings. */
export function stringKind(def: SchemaDef, place: SchemaPlace): ScalarKind {
  for (const part of formatsOf(def)) {
    switch (part.format) {
      case "uuid":
      case "guid":
        return "uuid";
      case "date":
      case "time":
        return part.format;
      case "datetime":
        return dateTimeKind(part, place);
      case "duration":
        throw unsupported(
          place,
          "z.iso.duration() takes years and months, whose length is not fixed",
          "Use duration().",
        );
    }
  }
  return "string";
}

function dateTimeKind(def: SchemaDef, place: SchemaPlace): ScalarKind {
  if (!def.local) return "offsetDateTime";
  if (!def.offset) return "localDateTime";
  throw unsupported(
    place,
    "a date and time whose offset may be missing is no certain instant",
    "Use localDateTime() or offsetDateTime().",
  );
}

/** The kind of a number by its format. */
export function numberKind(def: SchemaDef): ScalarKind {
  const formats = formatsOf(def).map((part) => part.format);
  if (formats.some((format) => format === "safeint" || format === "int32" || format === "uint32"))
    return "int";
  return formats.includes("float32") ? "float32" : "float64";
}
