/** Zod's kinds of schema that have no Sluice type, with what to use instead. */
export const unsupportedKinds: Readonly<Record<string, string>> = {
  any: "Use json(), or name the type.",
  unknown: "Use json(), or name the type.",
  never: "Leave the field out.",
  custom: "Use one of Sluice's schemas, such as bytes(), vector() or json(); classes cannot be stored.",
  date: "Use offsetDateTime(), which takes a Date too.",
  file: "Use bytes().",
  function: "Values are data; give the function itself to defineFunction.",
  intersection: "Merge the objects: z.object({ ...a.shape, ...b.shape }).",
  map: "Use table(row, { key: […] }), or z.record(z.string(), …).",
  nan: "Use z.number(); float32() takes NaN.",
  promise: "Await the value and give the schema of what it yields.",
  set: "Use z.array(…).",
  symbol: "Use z.string().",
  transform: "Pipe it into a schema: .pipe(schema).",
};
