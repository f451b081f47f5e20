import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineTarget, type Flow, type SetupVerdict } from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Library, Notebook } from "../worlds/notebook.ts";

let notebook: Notebook;
let library: Library;
let state: MemoryState;
const flows: Flow[] = [];

beforeEach(() => {
  notebook = new Notebook();
  notebook.write("p", "text");
  library = new Library();
  state = new MemoryState();
  configure({ store: openMemoryStore({ state }) });
});

afterEach(() => {
  for (const flow of flows.splice(0)) flow.close();
  configure({ store: undefined });
});

function define(name: string, shelves: Readonly<Record<string, { shelf: string; binding?: string }>>): Flow {
  flows.findLast((flow) => flow.name === name)?.close();
  const flow = defineFlow(name, (builder) => {
    const out = builder.addCollector<{ id: string; text: string }>();
    builder
      .addSource("pages", notebook.source({ ordered: true })({}))
      .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
    for (const [exportName, spec] of Object.entries(shelves)) {
      out.export(exportName, library.target()(spec), { primaryKeyFields: ["id"] });
    }
  });
  flows.push(flow);
  return flow;
}

test("the plan says what would be done, and changes nothing", async () => {
  const flow = define("Plan", { A: { shelf: "a" }, B: { shelf: "b" } });
  const plan = await flow.planSetup();
  expect(plan.actions.map(({ verb, name, description }) => [verb, name, description])).toEqual([
    ["create", "A", "shelf a"],
    ["create", "B", "shelf b"],
  ]);
  expect(library.changes).toEqual([]);
  expect(await flow.setupStatus()).toBe("not set up");
  await flow.setup();
  expect((await flow.planSetup()).actions).toEqual([]);
  expect(await flow.setupStatus()).toBe("ready");
});

test("a changed spec reaches applySetupChange as previous and current, and rows are written again", async () => {
  await define("Spec", { A: { shelf: "a" } }).setup();
  await flows[0]!.update();
  const flow = define("Spec", { A: { shelf: "a", binding: "cloth" } });
  await expect(flow.update()).rejects.toMatchObject({ code: "setup-needed" });
  library.changes.length = 0;
  library.forgetCounts();
  const plan = await flow.setup();
  expect(plan.actions[0]).toMatchObject({ verb: "rewrite", destroys: false });
  expect(library.changes).toEqual([
    { key: "a", previous: { shelf: "a", binding: "paper" }, current: { shelf: "a", binding: "cloth" } },
  ]);
  await flow.update();
  expect(library.upserts).toEqual(["p"]);
});

test("a target that was removed from the flow is dropped at the next setup", async () => {
  await define("Drop", { A: { shelf: "a" }, B: { shelf: "b" } }).setup();
  const flow = define("Drop", { A: { shelf: "a" } });
  expect((await flow.planSetup()).actions).toMatchObject([{ verb: "drop", name: "B", destroys: true }]);
  await flow.setup();
  expect([...library.shelves.keys()]).toEqual(["a"]);
});

test("an export that is renamed keeps its backend and its rows", async () => {
  await define("Rename", { A: { shelf: "a" } }).setup();
  await flows[0]!.update();
  library.forgetCounts();
  const flow = define("Rename", { Z: { shelf: "a" } });
  expect((await flow.planSetup()).actions).toEqual([]);
  await flow.update();
  expect([library.calls, library.rows("a").length]).toEqual([0, 1]);
});

test("a backend that is named after its export is kept through a rename", async () => {
  const rows = new Map<string, unknown>();
  const byName = defineTarget({
    kind: "byName",
    spec: z.object({}),
    getPersistentKey: (_spec, name) => name,
    applySetupChange({ key, current }) {
      library.changes.push({ key, previous: null, current });
    },
    prepare: (_spec, { targetName }) => targetName,
    mutate(batches) {
      for (const { target, mutations } of batches) {
        for (const { key, value } of mutations) rows.set(`${target} ${JSON.stringify(key)}`, value);
      }
    },
  });
  const named = (name: string, renamedFrom?: string) => {
    flows.findLast((flow) => flow.name === "Named")?.close();
    const flow = defineFlow("Named", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source({ ordered: true })({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      const options = renamedFrom === undefined ? {} : { renamedFrom };
      out.export(name, byName({}), { primaryKeyFields: ["id"], ...options });
    });
    flows.push(flow);
    return flow;
  };
  await named("Old").setup();
  await flows.at(-1)!.update();
  const renamed = named("New", "Old");
  expect((await renamed.planSetup()).actions).toEqual([]);
  notebook.write("q", "more");
  expect((await renamed.update()).targets.New).toMatchObject({ upserted: 1 });
  expect([...rows.keys()]).toEqual(['Old {"id":"p"}', 'Old {"id":"q"}']);
  expect((await named("New").planSetup()).actions.map(({ verb }) => verb)).toEqual(["create", "drop"]);
});

test("another primary key makes the backend anew", async () => {
  const rows: unknown[] = [];
  const pairs = defineTarget({
    kind: "pairs",
    spec: z.object({}),
    getPersistentKey: () => "pairs",
    applySetupChange({ previous, current }) {
      library.changes.push({ key: "pairs", previous, current });
      if (current === null) rows.length = 0;
    },
    mutate(batches) {
      for (const { mutations } of batches) rows.push(...mutations);
    },
  });
  const keyedBy = (primaryKeyFields: ["id", "text"] | ["text", "id"] | ["id"]) => {
    flows.findLast((flow) => flow.name === "Pairs")?.close();
    const flow = defineFlow("Pairs", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source({ ordered: true })({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      out.export("Pairs", pairs({}), { primaryKeyFields });
    });
    flows.push(flow);
    return flow;
  };
  await keyedBy(["id", "text"]).setup();
  await flows.at(-1)!.update();
  const turned = keyedBy(["text", "id"]);
  expect((await turned.planSetup()).actions).toMatchObject([{ verb: "rebuild", destroys: true }]);
  await turned.setup();
  notebook.remove("p");
  notebook.write("q", "more");
  await turned.update();
  expect(rows).toEqual([{ key: { text: "more", id: "q" }, value: {} }]);
});

test("two exports of a flow, and two flows of a store, cannot share a backend", async () => {
  expect(() => define("Twice", { A: { shelf: "a" }, B: { shelf: "a" } })).toThrow(/exports A and B/);
  await define("First", { A: { shelf: "a" } }).setup();
  await expect(define("Second", { A: { shelf: "a" } }).setup()).rejects.toMatchObject({
    code: "setup-conflict",
  });
});

describe("interruptions", () => {
  /** A target whose setup changes fail, or end the process, at a call of our choice. */
  function fragile(
    calls: { previous: unknown; current: unknown }[],
    failAt: (call: number) => boolean,
    verdict?: SetupVerdict,
  ) {
    return defineTarget({
      kind: "fragile",
      spec: z.object({ size: z.number() }),
      getPersistentKey: () => "it",
      ...(verdict
        ? {
            compare: (a: { size: number }, b: { size: number }) =>
              a.size === b.size ? "unchanged" : verdict,
          }
        : {}),
      applySetupChange({ previous, current }) {
        calls.push({ previous, current });
        if (failAt(calls.length)) throw new Error("power cut");
      },
      mutate() {},
    });
  }

  function defineFragile(target: ReturnType<typeof fragile>, size: number): Flow {
    for (const flow of flows.splice(0)) flow.close();
    const flow = defineFlow("Fragile", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source()({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      out.export("It", target({ size }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    return flow;
  }

  test("a change that failed is tried again for each state that the backend may be in", async () => {
    const calls: { previous: unknown; current: unknown }[] = [];
    let failing = false;
    const target = fragile(calls, () => failing);
    await defineFragile(target, 1).setup();
    failing = true;
    await expect(defineFragile(target, 2).setup()).rejects.toMatchObject({ code: "setup-failed" });
    await expect(flows[0]!.update()).rejects.toMatchObject({ code: "setup-needed" });
    failing = false;
    calls.length = 0;
    await defineFragile(target, 3).setup();
    expect(calls).toEqual([
      { previous: { size: 1 }, current: { size: 3 } },
      { previous: { size: 2 }, current: { size: 3 } },
    ]);
    expect((await flows[0]!.planSetup()).actions).toEqual([]);
  });

  test("a destructive change removes every state that may be there, then makes the wanted one", async () => {
    const calls: { previous: unknown; current: unknown }[] = [];
    const target = fragile(calls, () => false, "destructive");
    await defineFragile(target, 1).setup();
    await flows[0]!.update();
    calls.length = 0;
    const flow = defineFragile(target, 2);
    const plan = await flow.setup();
    expect(plan.actions[0]).toMatchObject({ verb: "rebuild", destroys: true });
    expect(calls).toEqual([
      { previous: { size: 1 }, current: null },
      { previous: null, current: { size: 2 } },
    ]);
    expect((await flow.update()).targets.It).toMatchObject({ upserted: 1 });
  });

  test("a drop that failed leaves the backend recorded, and its re-use starts from nothing", async () => {
    const calls: { previous: unknown; current: unknown }[] = [];
    let failing = false;
    const target = fragile(calls, () => failing);
    const flow = defineFragile(target, 1);
    await flow.setup();
    await flow.update();
    failing = true;
    await expect(flow.drop()).rejects.toMatchObject({ code: "setup-failed" });
    failing = false;
    expect((await flow.planSetup()).actions).toMatchObject([{ verb: "rebuild" }]);
    await flow.setup();
    expect((await flow.update()).targets.It).toMatchObject({ upserted: 1 });
  });
});

test("a backend whose connector is gone stays recorded, with an error that says what to import", async () => {
  await define("Lost", { A: { shelf: "a" } }).setup();
  const setup = (await openMemoryStore({ state }).readSetup("Lost" as never))!;
  const text = new TextDecoder().decode(setup.record).replaceAll('"library"', '"libraryThatIsGone"');
  state.flows.get("Lost" as never)!.setup = new TextEncoder().encode(text);
  await expect(flows[0]!.setup()).rejects.toMatchObject({ code: "connector-missing" });
});

test("a setup that was agreed to is refused when another has become needed since", async () => {
  const agreed = await define("Agreed", { A: { shelf: "a" }, B: { shelf: "b" } }).planSetup();
  await define("Agreed", { A: { shelf: "a" } }).setup();
  const flow = define("Agreed", { A: { shelf: "a" }, B: { shelf: "b" } });
  await expect(flow.setup({ agreed })).rejects.toMatchObject({ code: "setup-refused", exitCode: 3 });
  await flow.setup({ agreed: await flow.planSetup() });
  await flow.setup({ agreed });
});

test.each([
  ["a directory", () => {}],
  ["a directory and an empty file", (store: string) => writeFileSync(join(store, "store.mdb"), "")],
])("a store that was made no further than %s is none yet", async (_what, make) => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-half-made-"));
  try {
    make(directory);
    configure({ store: undefined, storeDirectory: directory });
    const flow = define("HalfMade", { A: { shelf: "a" } });
    expect(await flow.setupStatus()).toBe("not set up");
    expect((await flow.planSetup()).actions).toHaveLength(1);
    await flow.setup();
    expect(await flow.setupStatus()).toBe("ready");
  } finally {
    configure({ storeDirectory: undefined });
    rmSync(directory, { recursive: true });
  }
});

test("a drop that ends before its last write leaves nothing behind once the flow is used again", async () => {
  const flow = define("Dropped", { A: { shelf: "a" } });
  await flow.setup();
  await flow.update();
  const store = openMemoryStore({ state });
  const mortal = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "write") return member.bind(target);
      return async (write: Parameters<typeof store.write>[0]) => {
        if (!write.removeFlow) return target.write(write);
        store.kill();
        throw new Error("the process ended");
      };
    },
  });
  configure({ store: mortal });
  await expect(flow.drop()).rejects.toThrow("the process ended");
  configure({ store: openMemoryStore({ state }) });
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  const [kept] = state.flows.values();
  expect([...kept!.sources.values()].map((rows) => rows.size)).toEqual([1]);
});

test("a source that is renamed with renamedFrom keeps its rows; without, they are handed over", async () => {
  const reads = (name: string, renamedFrom?: string) => {
    flows.findLast((flow) => flow.name === "Sources")?.close();
    const flow = defineFlow("Sources", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      const options = renamedFrom === undefined ? {} : { renamedFrom };
      builder
        .addSource(name, notebook.source({ ordered: true })({}), options)
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      out.export("A", library.target()({ shelf: "a" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    return flow;
  };
  await reads("old").setup();
  await flows.at(-1)!.update();
  expect((await reads("new", "old").update()).sources.new).toMatchObject({ unchanged: 1, read: 0 });
  const info = await reads("other").update();
  expect(info.sources).toMatchObject({ new: { deleted: 1 }, other: { inserted: 1 } });
  expect(info.targets.A).toMatchObject({ upserted: 0, deleted: 0 });
  expect(library.rows("a")).toEqual([["p", { text: "text" }]]);
  expect((await flows.at(-1)!.update()).sources).toEqual({
    other: expect.objectContaining({ unchanged: 1, read: 0 }),
  });
});

test("what a source that left had yielded is owed to the target until it is gone, and holds nothing up", async () => {
  const define = (sources: Readonly<Record<string, Notebook>>) => {
    flows.findLast((flow) => flow.name === "Leaving")?.close();
    const flow = defineFlow("Leaving", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      for (const [name, pages] of Object.entries(sources)) {
        builder
          .addSource(name, pages.source({ ordered: true })({}))
          .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      }
      out.export("A", library.target()({ shelf: "a" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    return flow;
  };
  const leaving = new Notebook();
  leaving.write("left", "behind");
  await define({ stays: notebook, leaves: leaving }).setup();
  await flows.at(-1)!.update();
  const flow = define({ stays: notebook });
  library.before = () => {
    throw new Error("no deletions today");
  };
  const failed = await flow.update();
  expect(failed.sources).toMatchObject({ leaves: { deleted: 1, failed: 0 }, stays: { unchanged: 1 } });
  expect(failed.failedKeys).toMatchObject([{ target: "A", key: "left", error: { code: "mutate-failed" } }]);
  expect(failed.ok).toBe(false);
  library.before = () => {};
  expect((await flow.update()).targets.A).toMatchObject({ deleted: 1 });
  expect(library.rows("a").map(([id]) => id)).toEqual(["p"]);
  expect((await flow.update()).sources).toEqual({ stays: expect.objectContaining({ unchanged: 1 }) });
});
