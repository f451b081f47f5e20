import type { Design, ExportDesign, SourceDesign } from "../worlds/design.ts";

/** A change of a flow's shape. */
export interface EvolutionCase {
  readonly name: string;
  readonly before: Design;
  readonly after: Design;
}

const pages: SourceDesign = { name: "pages", notebook: "pages" };
const notes: SourceDesign = { name: "notes", notebook: "notes" };

function one(design: Partial<ExportDesign>): Design {
  return { sources: [pages], exports: [{ name: "Out", table: "out", ...design }] };
}

const ab: readonly ExportDesign[] = [
  { name: "A", table: "a", fields: ["text"] },
  { name: "B", table: "b", fields: ["note"] },
];

function swapped(how: "names" | "backends"): Design {
  const [a, b] = ab as [ExportDesign, ExportDesign];
  const exports =
    how === "names"
      ? [
          { ...a, name: "B" },
          { ...b, name: "A" },
        ]
      : [
          { ...a, table: "b" },
          { ...b, table: "a" },
        ];
  return { sources: [pages], exports };
}

/** Every way in which the shape of a flow may change. The tests of each look at its own; all are interrupted. */
export const evolutionCases = {
  fieldAdded: {
    name: "a field is added",
    before: one({ fields: ["text"] }),
    after: one({ fields: ["text", "size"] }),
  },
  fieldRemoved: {
    name: "a field is removed",
    before: one({ fields: ["text", "size"] }),
    after: one({ fields: ["text"] }),
  },
  fieldRetyped: {
    name: "a field takes another type",
    before: one({ fields: ["text", "size"] }),
    after: one({ fields: ["text", "width"] }),
  },
  keyChanged: {
    name: "the primary key changes",
    before: one({ keys: ["id"] }),
    after: one({ keys: ["id", "text"], fields: ["note"] }),
  },
  targetRenamed: {
    name: "the target is another",
    before: one({ table: "old" }),
    after: one({ table: "new" }),
  },
  exportRenamed: {
    name: "an export whose target is named after it is renamed with renamedFrom",
    before: { sources: [pages], exports: [{ name: "Old" }] },
    after: { sources: [pages], exports: [{ name: "New", renamedFrom: "Old" }] },
  },
  exportRenamedAnew: {
    name: "an export whose target is named after it is renamed without renamedFrom",
    before: { sources: [pages], exports: [{ name: "Old" }] },
    after: { sources: [pages], exports: [{ name: "New" }] },
  },
  exportAdded: {
    name: "an export is added",
    before: { sources: [pages], exports: [ab[0]!] },
    after: { sources: [pages], exports: ab },
  },
  exportRemoved: {
    name: "an export is removed",
    before: { sources: [pages], exports: ab },
    after: { sources: [pages], exports: [ab[0]!] },
  },
  specCompatible: {
    name: "the spec changes and the data stays valid",
    before: one({ comment: "first" }),
    after: one({ comment: "second" }),
  },
  specDestructive: {
    name: "the spec changes and the backend must be made anew",
    before: one({ engine: "rows" }),
    after: one({ engine: "columns" }),
  },
  versionBumped: {
    name: "the connector has another version",
    before: one({ version: 1 }),
    after: one({ version: 2 }),
  },
  namesSwapped: {
    name: "two exports swap their names",
    before: { sources: [pages], exports: ab },
    after: swapped("names"),
  },
  backendsSwapped: {
    name: "two exports swap their backends",
    before: { sources: [pages], exports: ab },
    after: swapped("backends"),
  },
  sourceRenamed: {
    name: "a source is renamed with renamedFrom",
    before: one({}),
    after: { ...one({}), sources: [{ ...pages, name: "leaves", renamedFrom: "pages" }] },
  },
  sourceRenamedAnew: {
    name: "a source is renamed without renamedFrom",
    before: one({}),
    after: { ...one({}), sources: [{ ...pages, name: "leaves" }] },
  },
  sourceAdded: {
    name: "a source is added",
    before: one({}),
    after: { ...one({}), sources: [pages, notes] },
  },
  sourceRemoved: {
    name: "a source is removed",
    before: { ...one({}), sources: [pages, notes] },
    after: one({}),
  },
  sourcesSwapped: {
    name: "two sources swap their names",
    before: { ...one({}), sources: [pages, notes] },
    after: {
      ...one({}),
      sources: [
        { ...pages, name: "notes" },
        { ...notes, name: "pages" },
      ],
    },
  },
  indexAdded: {
    name: "an index is added",
    before: one({}),
    after: one({ fts: ["text"] }),
  },
  attachmentChanged: {
    name: "an attachment changes",
    before: one({ attachments: ["create trigger one"] }),
    after: one({ attachments: ["create trigger two"] }),
  },
  everything: {
    name: "all of it at once",
    before: { sources: [pages, notes], exports: ab },
    after: {
      sources: [{ ...pages, name: "leaves" }],
      exports: [
        { name: "A", table: "b", fields: ["text", "size"], engine: "columns" },
        { name: "C", table: "c", keys: ["id", "text"], fields: ["note"] },
      ],
    },
  },
} satisfies Record<string, EvolutionCase>;
