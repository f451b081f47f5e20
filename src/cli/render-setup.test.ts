import { expect, test } from "vitest";
import type { SetupActionDescription } from "../app/describe-setup.ts";
import { renderSetup } from "./render-setup.ts";
import { styleFor } from "./style.ts";

const plain = styleFor({}, {});

function action(changes: Partial<SetupActionDescription>): SetupActionDescription {
  return {
    verb: "create",
    export: "Pages",
    targetKind: "table",
    description: "Table pages",
    destroys: false,
    byUser: false,
    connectorMissing: false,
    rows: null,
    mayBeAbsent: false,
    removesLeftovers: false,
    sourceRows: 0,
    previous: [],
    wanted: { columns: 1 },
    ...changes,
  };
}

function render(...actions: SetupActionDescription[]): string[] {
  return renderSetup(
    { flow: "Docs", actions, sourceActions: [], sources: [], destroys: false },
    { style: plain, columns: null },
  );
}

test("actions are aligned, and what is lost is said", () => {
  expect(
    render(
      action({}),
      action({ verb: "drop", export: "Old", description: "Table old_pages", destroys: true, wanted: null }),
    ),
  ).toEqual([
    "flow Docs",
    "  + create  Pages  Table pages",
    "  - drop    Old    Table old_pages  (its data is lost)",
  ]);
});

test("a change of state is shown as the difference", () => {
  const previous = { directory: "a", columns: ["x"] };
  const wanted = { directory: "b", columns: ["x", "y"] };
  expect(render(action({ verb: "rewrite", previous: [previous], wanted }))).toEqual([
    "flow Docs",
    "  ~ rewrite  Pages  Table pages  (its data is written again)",
    '        directory: "a" → "b"',
    '      + columns.1: "y"',
  ]);
});

test("a rebuild says that data is lost", () => {
  const lines = render(
    action({ verb: "rebuild", destroys: true, previous: [{ dim: 3 }], wanted: { dim: 4 } }),
  );
  expect(lines[1]).toBe(
    "  ± rebuild  Pages  Table pages  (its data is lost, and made anew by the next update)",
  );
  expect(lines[2]).toBe("        dim: 3 → 4");
});

test("what cannot be done, and what the user does, is said", () => {
  expect(render(action({ verb: "drop", connectorMissing: true }))[1]).toContain(
    "table is not defined any more",
  );
  expect(render(action({ byUser: true }))[1]).toContain("done by you");
});

test("many differences are cut", () => {
  const wanted = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, n]));
  const lines = render(action({ verb: "alter", previous: [{}], wanted }));
  expect(lines).toHaveLength(2 + 20 + 1);
  expect(lines.at(-1)).toBe("      and 10 more");
});

test("each kind of action says how many rows it touches", () => {
  const note = (changes: Partial<SetupActionDescription>) =>
    render(action(changes))[1]!.match(/\((.*)\)$/)?.[1] ?? "";
  expect(note({ sourceRows: 1200 })).toBe("filled from 1,200 source rows");
  expect(note({ verb: "alter" })).toBe("its data stays");
  expect(note({ verb: "alter", rows: 3 })).toBe("its data stays; its 3 rows are written again");
  expect(note({ verb: "rewrite", rows: 1 })).toBe("its row is written again");
  expect(note({ verb: "rewrite", rows: 0 })).toBe("it has no rows");
  expect(note({ verb: "rebuild", rows: 12_345, destroys: true })).toBe(
    "its 12,345 rows are lost, and made anew by the next update",
  );
  expect(note({ verb: "rebuild", rows: 0, destroys: true })).toBe("made anew; it has no rows");
  expect(note({ verb: "drop", rows: 2, destroys: true })).toBe("its 2 rows are lost");
  expect(note({ verb: "drop", rows: 0, destroys: true })).toBe("it has no rows");
  expect(note({ verb: "drop", rows: 0 })).toBe("nothing of it is left");
  expect(note({ verb: "forget", connectorMissing: true, rows: 2 })).toBe(
    "its 2 rows are left behind: target kind table is not defined any more",
  );
  expect(note({ verb: "release", byUser: true })).toBe("yours to alter and drop from now on; its rows stay");
  expect(note({ verb: "manage" })).toBe("until now yours; Sluice alters and drops it from now on");
  expect(note({ verb: "rewrite", byUser: true, rows: 5 })).toBe(
    "done by you: Sluice only records it; its 5 rows are written again",
  );
});

test("an adoption says what becomes of the rows that are there", () => {
  const note = (changes: Partial<SetupActionDescription>) =>
    render(action({ verb: "adopt", previous: [{ columns: 1 }], ...changes }))[1]!.match(/\((.*)\)$/)?.[1];
  expect(note({ rows: 9, removesLeftovers: true })).toBe(
    "of its 9 rows those that no source yields go with the next complete update",
  );
  expect(note({ rows: 1, removesLeftovers: true })).toBe(
    "its row goes with the next complete update, unless a source yields it",
  );
  expect(note({ rows: 0, removesLeftovers: true })).toBe("it has no rows");
  expect(note({})).toBe("rows of it that no source yields stay");
  expect(note({ mayBeAbsent: true, rows: null, removesLeftovers: true })).toBe(
    "taken to be there as it should be; rows of it that no source yields go with the next complete update",
  );
});

test("sources that joined, left or have another name follow the backends", () => {
  const lines = renderSetup(
    {
      flow: "Docs",
      actions: [],
      sourceActions: [],
      sources: [
        { change: "renamed", name: "papers", formerName: "documents", rows: 2 },
        { change: "added", name: "notes", formerName: null, rows: 0 },
        { change: "removed", name: "mails", formerName: null, rows: 1200 },
        { change: "removed", name: "empty", formerName: null, rows: 0 },
      ],
      destroys: true,
    },
    { style: plain, columns: 80 },
  );
  expect(lines).toEqual([
    "flow Docs",
    "  ~ source papers, until now documents  (its 2 rows are kept)",
    "  + source notes",
    "  - source mails  (the next update takes away what its 1,200 rows yielded)",
    "  - source empty  (it has no rows)",
    '  if mails was renamed: { renamedFrom: "mails" } on notes keeps its rows',
  ]);
});

test("in a narrow terminal notes stand on lines of their own", () => {
  const described = action({ verb: "rebuild", destroys: true, rows: 1, previous: [{ columns: 1 }] });
  const all = {
    flow: "Docs",
    sourceActions: [],
    actions: [described, action({ export: "Other" })],
    sources: [],
    destroys: true,
  };
  expect(renderSetup(all, { style: plain, columns: 80 })).toEqual([
    "flow Docs",
    "  ± rebuild  Pages  Table pages",
    "      its row is lost, and made anew by the next update",
    "      a setup of it was interrupted",
    "  + create   Other  Table pages",
  ]);
});
