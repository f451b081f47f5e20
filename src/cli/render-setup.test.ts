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
    removesLeftovers: false,
    sourceRows: 0,
    previous: [],
    wanted: { columns: 1 },
    ...changes,
  };
}

function render(...actions: SetupActionDescription[]): string[] {
  return renderSetup(
    { flow: "Docs", actions, sources: [], destroys: false },
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
