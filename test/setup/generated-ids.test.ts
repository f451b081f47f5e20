import { expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineTarget, type Flow, generatedUuid, type Uuid } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** Ids by text, of each table. */
type Tables = Map<string, Map<string, string>>;

interface Shape {
  readonly source?: string;
  readonly sourceFrom?: string;
  /** The exports of the one collector, each to the table of its value. */
  readonly exports: Readonly<Record<string, string>>;
  readonly exportFrom?: Readonly<Record<string, string>>;
}

function define({ source = "pages", sourceFrom, exports, exportFrom = {} }: Shape, tables: Tables): Flow {
  const target = defineTarget({
    kind: "idTable",
    spec: z.object({ table: z.string() }),
    getPersistentKey: ({ table }) => table,
    applySetupChange({ key, current }) {
      if (current === null) tables.delete(String(key));
      else if (!tables.has(String(key))) tables.set(String(key), new Map());
    },
    mutate(batches) {
      for (const { target: to, mutations } of batches)
        for (const { key, value } of mutations) {
          const { id } = key as { id: string };
          if (value === null) tables.get(to.table)!.delete(id);
          else tables.get(to.table)!.set(id, (value as { text: string }).text);
        }
    },
  });
  world.closeFlows();
  return world.keep(
    defineFlow("Ids", (flow) => {
      const out = flow.addCollector<{ id: Uuid; text: string }>();
      const options = sourceFrom === undefined ? {} : { renamedFrom: sourceFrom };
      flow
        .addSource(source, world.notebook.source({ ordered: true })({}), options)
        .forEachRow((page) => out.collect({ id: generatedUuid(), text: page.text }));
      for (const [name, table] of Object.entries(exports)) {
        const from = exportFrom[name];
        out.export(name, target({ table }), {
          primaryKeyFields: ["id"],
          ...(from === undefined ? {} : { renamedFrom: from }),
        });
      }
    }),
  );
}

/** Builds the one shape, makes it the other and edits a row; the ids are those of a build from nothing. */
async function evolve(
  before: Shape,
  after: Shape,
): Promise<{ readonly first: Tables; readonly last: Tables }> {
  const tables: Tables = new Map();
  world.write(3);
  const built = define(before, tables);
  await built.setup();
  await built.update();
  const first: Tables = structuredClone(tables);
  const flow = define(after, tables);
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  const last: Tables = structuredClone(tables);
  world.notebook.write("p0000", "edited");
  await flow.update();
  const rebuilt: Tables = new Map();
  configure({ store: openMemoryStore() });
  const fresh = define(after, rebuilt);
  await fresh.setup();
  await fresh.update();
  expect(tables).toEqual(rebuilt);
  return { first, last };
}

const one = { exports: { Out: "t" } };

test("ids stay when source and export are renamed with renamedFrom", async () => {
  const after = { source: "leaves", sourceFrom: "pages", exports: { New: "t" }, exportFrom: { New: "Out" } };
  const { first, last } = await evolve(one, after);
  expect(last).toEqual(first);
});

test("ids are others when a source is renamed without renamedFrom, and none of the former is left", async () => {
  const { first, last } = await evolve(one, { ...one, source: "leaves" });
  const before = new Set(first.get("t")!.keys());
  expect([...last.get("t")!.keys()].filter((id) => before.has(id))).toEqual([]);
  expect(last.get("t")!.size).toBe(3);
});

test("ids are as of a build from nothing when an export is renamed without renamedFrom", async () => {
  await evolve(one, { exports: { New: "t" } });
});

test("ids are as of a build from nothing when the first export of a collector leaves", async () => {
  await evolve({ exports: { First: "s", Second: "t" } }, { exports: { Second: "t" } });
});

test("a source that takes the former name of another does not take its ids", () => {
  const { plan } = world.keep(
    defineFlow("Ids", (flow) => {
      const out = flow.addCollector<{ id: Uuid; text: string }>();
      const source = world.notebook.source()({});
      for (const [name, options] of [
        ["leaves", { renamedFrom: "pages" }],
        ["pages", {}],
      ] as const) {
        flow
          .addSource(name, source, options)
          .forEachRow((page) => out.collect({ id: generatedUuid(), text: page.text }));
      }
      out.export("Out", world.library.target()({ shelf: "s" }) as never, { primaryKeyFields: ["id"] });
    }),
  );
  expect(plan.sources.map(({ idName }) => idName)).toEqual(["leaves", "pages"]);
});
