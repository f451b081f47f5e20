import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineFunction, type Flow, type SluiceError } from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Library, Notebook } from "../worlds/notebook.ts";

let notebook: Notebook;
let library: Library;
let state: MemoryState;
let computed: string[];
const flows: Flow[] = [];

beforeEach(() => {
  notebook = new Notebook();
  library = new Library();
  computed = [];
  state = new MemoryState();
  configure({ store: openMemoryStore({ state }) });
});

afterEach(() => {
  for (const flow of flows.splice(0)) flow.close();
  configure({ store: undefined });
});

interface Shape {
  readonly version?: number;
  readonly cache?: boolean;
  readonly ordered?: boolean;
  readonly shelf?: string;
  /** Adds a second branch to a shelf of its own. */
  readonly quiet?: number;
}

function shoutFlow({
  version = 1,
  cache = false,
  ordered = true,
  shelf = "loud",
  quiet = 0,
}: Shape = {}): Flow {
  for (const flow of flows.splice(0)) flow.close();
  const shout = defineFunction({
    name: "shout",
    version,
    cache,
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }) => {
      computed.push(text);
      if (text.includes("bad")) throw new Error(`cannot shout ${text}`);
      return `${text.toUpperCase()}${"!".repeat(version)}`;
    },
  });
  const whisper = defineFunction({
    name: "whisper",
    version: quiet,
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }) => {
      computed.push(`whisper ${text}`);
      return `${text.toLowerCase()}${".".repeat(quiet)}`;
    },
  });
  const flow = defineFlow("Shout", (builder) => {
    const pages = builder.addSource("pages", notebook.source({ ordered })({}));
    const out = builder.addCollector<{ id: string; loud: string }>();
    const soft = builder.addCollector<{ id: string; soft: string }>();
    pages.forEachRow((page) => {
      out.collect({ id: page.id, loud: page.text.transform(shout) });
      if (quiet > 0) soft.collect({ id: page.id, soft: page.text.transform(whisper) });
    });
    out.export("Loud", library.target()({ shelf }), { primaryKeyFields: ["id"] });
    if (quiet > 0) soft.export("Soft", library.target()({ shelf: "soft" }), { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  return flow;
}

function write(count: number): void {
  for (let i = 0; i < count; i++) notebook.write(`p${i}`, `text ${i}`);
}

function forgetCounts(): void {
  notebook.reads = 0;
  computed = [];
  library.forgetCounts();
}

async function expectNothingToDo(flow: Flow): Promise<void> {
  forgetCounts();
  const info = await flow.update();
  expect(info.ok).toBe(true);
  expect([notebook.reads, computed, library.calls]).toEqual([0, [], 0]);
}

describe.each([{ ordered: true }, { ordered: false }])(
  "changes of rows (ordered: $ordered)",
  ({ ordered }) => {
    test("only what changed is read, computed and written", async () => {
      write(10);
      const flow = shoutFlow({ ordered });
      await flow.setup();
      const first = await flow.update();
      expect(first.ok).toBe(true);
      expect(first.sources.pages).toMatchObject({ inserted: 10, unchanged: 0, read: 10 });
      expect(library.rows("loud")[3]).toEqual(["p3", { loud: "TEXT 3!" }]);
      await expectNothingToDo(flow);

      notebook.write("p1", "text 1"); // touched
      notebook.write("p2", "edited");
      notebook.remove("p3");
      notebook.write("p4b", "new");
      const info = await flow.update();
      expect(info.sources.pages).toMatchObject({
        unchanged: 8,
        updated: 1,
        deleted: 1,
        inserted: 1,
        read: 3,
      });
      expect(computed.sort()).toEqual(["edited", "new"]);
      expect(library.upserts.sort()).toEqual(["p2", "p4b"]);
      expect(library.deletes).toEqual(["p3"]);
      await expectNothingToDo(flow);
    });

    test("a value that is the same as before is not written", async () => {
      write(2);
      const flow = shoutFlow({ ordered });
      await flow.setup();
      await flow.update();
      forgetCounts();
      notebook.write("p0", "TEXT 0"); // shouts the same
      const info = await flow.update();
      expect(info.sources.pages).toMatchObject({ updated: 1 });
      expect(computed).toEqual(["TEXT 0"]);
      expect(library.calls).toBe(0);
      await expectNothingToDo(flow);
    });
  },
);

test("a renamed row is one delete and one insert, and no call of a cached function", async () => {
  write(3);
  const flow = shoutFlow({ cache: true });
  await flow.setup();
  await flow.update();
  forgetCounts();
  const text = notebook.pages.get("p1")!.text;
  notebook.remove("p1");
  notebook.write("q1", text);
  const info = await flow.update();
  expect(info.functions.shout).toMatchObject({ computed: 0, memoHits: 1 });
  expect([computed, library.upserts, library.deletes]).toEqual([[], ["q1"], ["p1"]]);
});

test("equal arguments of a cached function are computed once", async () => {
  for (let i = 0; i < 20; i++) notebook.write(`p${i}`, "same");
  const flow = shoutFlow({ cache: true });
  await flow.setup();
  const info = await flow.update();
  expect(computed).toEqual(["same"]);
  expect(info.functions.shout).toMatchObject({ computed: 1, memoHits: 19 });
});

describe("changes of code", () => {
  test("a new version of a function runs its rows again and writes what differs", async () => {
    write(3);
    await shoutFlow().setup();
    await flows[0]!.update();
    forgetCounts();
    const info = await shoutFlow({ version: 2 }).update();
    expect(info.sources.pages).toMatchObject({ reprocessed: 3, updated: 0 });
    expect(library.rows("loud")[0]).toEqual(["p0", { loud: "TEXT 0!!" }]);
    await expectNothingToDo(flows[0]!);
  });

  test("a change of one branch leaves the other alone", async () => {
    write(3);
    await shoutFlow({ quiet: 1 }).setup();
    await flows[0]!.update();
    forgetCounts();
    await shoutFlow({ quiet: 2 }).update();
    expect(computed).toEqual(["whisper text 0", "whisper text 1", "whisper text 2"]);
    expect(library.upserts).toHaveLength(3);
    await expectNothingToDo(flows[0]!);
  });

  test("a branch that is added is set up, evaluated and written alone; one that is removed is dropped", async () => {
    write(3);
    await shoutFlow().setup();
    await flows[0]!.update();
    forgetCounts();
    await shoutFlow({ quiet: 1 }).setup();
    await flows[0]!.update();
    expect(computed).toEqual(["whisper text 0", "whisper text 1", "whisper text 2"]);
    await shoutFlow().setup();
    expect(library.shelves.has("soft")).toBe(false);
    forgetCounts();
    const info = await flows[0]!.update();
    expect([computed, library.calls]).toEqual([[], 0]);
    expect(info.ok).toBe(true);
    await expectNothingToDo(flows[0]!);
  });
});

describe("failures", () => {
  test("one bad row is one bad row: kept apart, its old target row stays, it is tried again", async () => {
    write(5);
    const flow = shoutFlow();
    await flow.setup();
    await flow.update();
    notebook.write("p2", "bad news");
    notebook.write("p3", "good news");
    const info = await flow.update();
    expect(info.ok).toBe(false);
    expect(info.sources.pages).toMatchObject({ failed: 1, updated: 1 });
    expect(info.failures[0]).toMatchObject({ source: "pages", row: "p2" });
    expect(info.failures[0]!.error).toMatchObject({
      code: "function-failed",
      where: { step: "shout", row: "p2", flow: "Shout" },
    });
    expect(library.rows("loud")[2]).toEqual(["p2", { loud: "TEXT 2!" }]);
    expect((await flow.update()).sources.pages).toMatchObject({ failed: 1 });
    notebook.write("p2", "mended");
    expect((await flow.update()).ok).toBe(true);
    expect(library.rows("loud")[2]).toEqual(["p2", { loud: "MENDED!" }]);
    await expectNothingToDo(flow);
  });

  test("a source that returns to the committed version clears the failure", async () => {
    write(2);
    const flow = shoutFlow();
    await flow.setup();
    await flow.update();
    notebook.write("p1", "bad");
    await flow.update();
    notebook.write("p1", "text 1");
    expect((await flow.update()).ok).toBe(true);
    await expectNothingToDo(flow);
  });

  test.each(["before", "after"] as const)(
    "a target that throws %s writing one row of a group",
    async (moment) => {
      write(40);
      const flow = shoutFlow();
      await flow.setup();
      library[moment] = (rows) => {
        if (rows.some(({ id }) => id === "p17")) throw new Error("no room for p17");
      };
      const info = await flow.update();
      expect(info.sources.pages).toMatchObject({ inserted: 39, failed: 1 });
      expect(info.failures).toHaveLength(1);
      expect(info.failures[0]).toMatchObject({ row: "p17" });
      expect(info.failures[0]!.error.code).toBe("mutate-failed");
      expect(library.rows("loud").filter(([id]) => id !== "p17")).toHaveLength(39);

      library[moment] = () => {};
      forgetCounts();
      const repaired = await flow.update();
      expect(repaired.ok).toBe(true);
      expect(library.upserts).toEqual(["p17"]);
      expect(library.rows("loud")).toHaveLength(40);
      await expectNothingToDo(flow);
    },
  );

  test("content goes v1, v2, v1 while the write of v2 fails after it reached the target", async () => {
    notebook.write("p", "v1");
    const flow = shoutFlow();
    await flow.setup();
    await flow.update();
    library.after = () => {
      throw new Error("lost the answer");
    };
    notebook.write("p", "v2");
    expect((await flow.update()).ok).toBe(false);
    expect(library.rows("loud")).toEqual([["p", { loud: "V2!" }]]);
    library.after = () => {};
    notebook.write("p", "v1");
    expect((await flow.update()).ok).toBe(true);
    expect(library.rows("loud")).toEqual([["p", { loud: "V1!" }]]);
    await expectNothingToDo(flow);
  });

  test("an incomplete listing deletes nothing, and says so", async () => {
    write(4);
    const flow = shoutFlow();
    await flow.setup();
    await flow.update();
    notebook.remove("p1");
    notebook.incomplete = "a drawer is stuck";
    const info = await flow.update();
    expect(info.ok).toBe(false);
    expect(info.incomplete[0]).toMatchObject({ source: "pages" });
    expect(library.rows("loud")).toHaveLength(4);
    notebook.incomplete = null;
    notebook.listingError = new Error("the desk is on fire");
    expect((await flow.update()).incomplete[0]!.error.code).toBe("listing-failed");
    expect(library.rows("loud")).toHaveLength(4);
    notebook.listingError = null;
    expect((await flow.update()).sources.pages).toMatchObject({ deleted: 1 });
    await expectNothingToDo(flow);
  });
});

test("an update before setup is refused, with a hint", async () => {
  write(1);
  const error = await shoutFlow()
    .update()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "setup-needed", exitCode: 3 });
  expect((error as SluiceError).hint).toContain("setup");
});

test("re-export writes everything again; a full reprocess computes everything again", async () => {
  write(3);
  const flow = shoutFlow({ cache: true });
  await flow.setup();
  await flow.update();
  forgetCounts();
  await flow.update({ reexportTargets: true });
  expect([computed.length, library.upserts.length]).toEqual([0, 3]);
  forgetCounts();
  const info = await flow.update({ fullReprocess: true });
  expect([computed.length, library.upserts.length]).toEqual([3, 0]);
  expect(info.sources.pages).toMatchObject({ reprocessed: 3 });
  await expectNothingToDo(flow);
});

test("a dropped flow can be set up and updated again by the same object", async () => {
  write(2);
  const flow = shoutFlow();
  await flow.setup();
  await flow.update();
  await flow.drop();
  expect(library.shelves.size).toBe(0);
  expect(await flow.setupStatus()).toBe("not set up");
  await flow.setup();
  expect((await flow.update()).sources.pages).toMatchObject({ inserted: 2 });
  expect(library.rows("loud")).toHaveLength(2);
});

test("overlapping updates share one further pass", async () => {
  write(3);
  const flow = shoutFlow();
  await flow.setup();
  const [first, second, third] = await Promise.all([flow.update(), flow.update(), flow.update()]);
  expect(first.sources.pages).toMatchObject({ inserted: 3 });
  expect(second).toBe(third);
});

describe("rows that take over each other's target keys", () => {
  function titlesFlow(): Flow {
    const flow = defineFlow("Titles", (builder) => {
      const pages = builder.addSource("pages", notebook.source({ ordered: true })({}));
      const out = builder.addCollector<{ id: string; page: string }>();
      pages.forEachRow((page) => {
        out.collect({ id: page.text, page: page.id });
      });
      out.export("Titles", library.target()({ shelf: "titles" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    return flow;
  }

  test("two rows that swap them in one pass", async () => {
    notebook.write("a", "one");
    notebook.write("b", "two");
    const flow = titlesFlow();
    await flow.setup();
    await flow.update();
    notebook.write("a", "two");
    notebook.write("b", "one");
    expect((await flow.update()).ok).toBe(true);
    expect(library.rows("titles")).toEqual([
      ["one", { page: "b" }],
      ["two", { page: "a" }],
    ]);
    await expectNothingToDo(flow);
  });

  test("a renamed row keeps its target row", async () => {
    notebook.write("a", "one");
    const flow = titlesFlow();
    await flow.setup();
    await flow.update();
    notebook.remove("a");
    notebook.write("b", "one");
    expect((await flow.update()).ok).toBe(true);
    expect(library.rows("titles")).toEqual([["one", { page: "b" }]]);
    await expectNothingToDo(flow);
  });
});
