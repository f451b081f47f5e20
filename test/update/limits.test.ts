import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  configure,
  defineFlow,
  defineFunction,
  defineSource,
  defineTarget,
  type EngineEvent,
  type Flow,
  SluiceError,
  type TargetUse,
} from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { endlessHasteClock, hastyClock } from "../worlds/hasty-clock.ts";
import { Library, Notebook } from "../worlds/notebook.ts";

let notebook: Notebook;
let library: Library;
let state: MemoryState;
const flows: Flow[] = [];

beforeEach(() => {
  notebook = new Notebook();
  library = new Library();
  state = new MemoryState();
  configure({ store: openMemoryStore({ state }), clock: hastyClock });
});

afterEach(() => {
  for (const flow of flows.splice(0)) flow.close();
  configure({
    store: undefined,
    clock: undefined,
    maxInflightRows: undefined,
    maxInflightBytes: undefined,
    mutateTimeout: undefined,
  });
});

function copyFlow(name: string, targets: Readonly<Record<string, TargetUse<{ id: string }, unknown>>>): Flow {
  const flow = defineFlow(name, (builder) => {
    const out = builder.addCollector<{ id: string; text: string }>();
    builder
      .addSource("pages", notebook.source({ ordered: true })({}))
      .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
    for (const [target, use] of Object.entries(targets))
      out.export(target, use, { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  return flow;
}

function write(count: number): void {
  for (let i = 0; i < count; i++) notebook.write(`p${String(i).padStart(4, "0")}`, `text ${i}`);
}

describe("a target that is down", () => {
  test("is tried again three times, then its rows fail together and wait for the next update", async () => {
    write(30);
    const flow = copyFlow("Down", { Loud: library.target()({ shelf: "s" }) });
    await flow.setup();
    library.before = () => {
      throw new SluiceError("target-unavailable", "the library is closed");
    };
    const events: EngineEvent[] = [];
    const info = await flow.update({ report: (event) => events.push(event) });
    expect(info.sources.pages).toMatchObject({ failed: 30, inserted: 0 });
    expect(info.failures[0]!.error).toMatchObject({ code: "target-unavailable" });
    expect(library.calls).toBe(3);
    expect(events.filter(({ kind }) => kind === "retrying")).toHaveLength(2);
    library.before = () => {};
    expect((await flow.update()).ok).toBe(true);
    expect(library.rows("s")).toHaveLength(30);
  });

  test("which comes back in time costs no row", async () => {
    write(10);
    const flow = copyFlow("Back", { Loud: library.target()({ shelf: "s" }) });
    await flow.setup();
    let refusals = 2;
    library.before = () => {
      if (refusals-- > 0) throw Object.assign(new Error("connect failed"), { code: "ECONNREFUSED" });
    };
    expect((await flow.update()).ok).toBe(true);
    expect(library.rows("s")).toHaveLength(10);
  });

  test("leaves rows of other kinds alone", async () => {
    write(5);
    const flow = copyFlow("Others", {
      Up: library.target("kindA")({ shelf: "up" }),
      Down: new Library().target("kindB")({ shelf: "never set up" }),
    });
    await flow.setup();
    const broken = defineTarget({
      kind: "kindB",
      spec: z.object({ shelf: z.string() }),
      key: z.object({ id: z.string() }),
      getPersistentKey: (spec) => spec.shelf,
      applySetupChange() {},
      mutate() {
        throw new SluiceError("target-unavailable", "down");
      },
    });
    for (const one of flows.splice(0)) one.close();
    const again = copyFlow("Others", {
      Up: library.target("kindA")({ shelf: "up" }),
      Down: broken({ shelf: "never set up" }),
    });
    await again.setup();
    const info = await again.update();
    expect(info.sources.pages).toMatchObject({ failed: 5 });
    expect(library.rows("up")).toHaveLength(5);
  });

  test("in its preparation is said to be so", async () => {
    write(3);
    const broken = defineTarget({
      kind: "unprepared",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      getPersistentKey: () => "it",
      applySetupChange() {},
      prepare() {
        throw new Error("no password");
      },
      mutate() {},
    });
    const flow = copyFlow("Unprepared", { It: broken({}) });
    await flow.setup();
    const info = await flow.update();
    expect(info.failures[0]!.error).toMatchObject({ code: "target-prepare-failed", message: "no password" });
    expect(info.sources.pages).toMatchObject({ failed: 3 });
  });

  test("because it does not answer fails its rows at the time limit", async () => {
    write(3);
    configure({ clock: endlessHasteClock, mutateTimeout: "1m" });
    const silent = defineTarget({
      kind: "silent",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      getPersistentKey: () => "it",
      applySetupChange() {},
      mutate: () => new Promise<void>(() => {}),
    });
    const flow = copyFlow("Silent", { It: silent({}) });
    await flow.setup();
    const info = await flow.update();
    expect(info.failures[0]!.error).toMatchObject({ code: "mutate-timeout" });
  });
});

test("a slow kind of target does not delay another", async () => {
  write(300);
  let release = () => {};
  const slowTarget = defineTarget({
    kind: "slow",
    spec: z.object({}),
    key: z.object({ id: z.string() }),
    getPersistentKey: () => "it",
    applySetupChange() {},
    mutate: () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  });
  const flow = copyFlow("Slow", { Fast: library.target()({ shelf: "fast" }), Slow: slowTarget({}) });
  await flow.setup();
  let finished = false;
  const update = flow.update().then((info) => {
    finished = true;
    return info;
  });
  while (library.rows("fast").length < 300) await hastyClock.idle();
  expect(finished).toBe(false);
  while (!finished) {
    release();
    await hastyClock.idle();
  }
  expect((await update).ok).toBe(true);
});

describe("limits", () => {
  test("of rows bound what is in flight", async () => {
    write(200);
    configure({ maxInflightRows: 7 });
    let most = 0;
    let now = 0;
    const slow = defineFunction({
      name: "slow",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      async run({ text }) {
        most = Math.max(most, ++now);
        await hastyClock.idle();
        now--;
        return text;
      },
    });
    const flow = defineFlow("Rows", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source({ ordered: true })({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(slow) }));
      out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect(most).toBe(7);
  });

  test("of bytes bound what is in flight, and a row that is larger runs alone", async () => {
    for (let i = 0; i < 20; i++) notebook.write(`p${i}`, "x".repeat(i === 10 ? 5_000 : 400));
    let held = 0;
    let most = 0;
    const slow = defineFunction({
      name: "slow",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      async run({ text }) {
        held += text.length;
        if (text.length > 1_000) expect(held).toBe(5_000);
        else most = Math.max(most, held);
        await hastyClock.idle();
        held -= text.length;
        return text;
      },
    });
    configure({ maxInflightBytes: 1_000 });
    const flow = defineFlow("Bytes", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source()({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(slow) }));
      out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect(most).toBe(800);
  });

  test("a row with very many target rows is written in several calls", async () => {
    const many = defineFunction({
      name: "many",
      version: 1,
      input: { text: z.string() },
      output: z.array(z.object({ n: z.int() })),
      run: () => Array.from({ length: 40_000 }, (_, n) => ({ n })),
    });
    notebook.write("p", "text");
    const sizes: number[] = [];
    const target = defineTarget({
      kind: "sizes",
      spec: z.object({}),
      getPersistentKey: () => "it",
      applySetupChange() {},
      mutate(batches) {
        sizes.push(batches[0]!.mutations.length);
      },
    });
    const flow = defineFlow("Many", (builder) => {
      const out = builder.addCollector<{ id: string; n: number }>();
      builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
        page.text.transform(many).forEachRow((row) => out.collect({ id: page.id, n: row.n }));
      });
      out.export("Out", target({}), { primaryKeyFields: ["id", "n"] });
    });
    flows.push(flow);
    await flow.setup();
    expect((await flow.update()).targets.Out).toMatchObject({ upserted: 40_000 });
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16_384);
  });
});

describe("functions", () => {
  function one(
    run: (text: string) => unknown,
    options: { cache?: boolean; output?: z.ZodType<string> } = {},
  ): Flow {
    const fn = defineFunction({
      name: "one",
      version: 1,
      cache: options.cache ?? false,
      input: { text: z.string() },
      output: options.output ?? z.string(),
      run: ({ text }) => run(text) as string,
    });
    for (const flow of flows.splice(0)) flow.close();
    const flow = defineFlow("One", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source({ ordered: true })({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(fn) }));
      out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    return flow;
  }

  test("that fail for a passing reason are called again, three times in all", async () => {
    notebook.write("p", "text");
    let calls = 0;
    const flow = one(() => {
      calls++;
      throw Object.assign(new Error("slow down"), { status: 429 });
    });
    await flow.setup();
    const info = await flow.update();
    expect(info.failures[0]!.error).toMatchObject({ code: "function-failed", message: "slow down" });
    expect(info.functions.one).toMatchObject({ failed: 1, calls: 3 });
    expect(calls).toBe(3);
    calls = 0;
    const second = one(() => {
      if (++calls < 3) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
      return "done";
    });
    expect((await second.update()).ok).toBe(true);
  });

  test("that return what does not fit fail the row, with the place in the value", async () => {
    notebook.write("p", "text");
    const flow = one(() => 12);
    await flow.setup();
    expect((await flow.update()).failures[0]!.error).toMatchObject({ code: "function-output-invalid" });
    const strict = one(() => "long", { output: z.string().max(3) });
    expect((await strict.update()).failures[0]!.error).toMatchObject({ code: "function-output-invalid" });
  });

  test("whose results were stored are not called again after a crash", async () => {
    write(50);
    let calls = 0;
    const run = () => `result ${++calls}`;
    const flow = one(run, { cache: true });
    await flow.setup();
    library.before = () => {
      throw new Error("the process ends here");
    };
    await flow.update();
    expect(calls).toBe(50);
    library.before = () => {};
    expect((await one(run, { cache: true }).update()).ok).toBe(true);
    expect(calls).toBe(50);
  });
});

describe("stopping", () => {
  test("finishes what is staged, and the next update goes on from there", async () => {
    write(500);
    const flow = copyFlow("Stop", { Out: library.target()({ shelf: "s" }) });
    await flow.setup();
    const stop = new AbortController();
    library.after = () => stop.abort();
    configure({ maxInflightRows: 10 });
    await expect(flow.update({ signal: stop.signal })).rejects.toMatchObject({
      code: "interrupted",
      exitCode: 130,
    });
    const landed = library.rows("s").length;
    expect(landed).toBeGreaterThan(0);
    expect(landed).toBeLessThan(500);
    library.after = () => {};
    library.forgetCounts();
    const info = await flow.update();
    expect(info.ok).toBe(true);
    expect(library.upserts).toHaveLength(500 - landed);
  });

  test("before the start does nothing", async () => {
    const flow = copyFlow("Never", { Out: library.target()({ shelf: "s" }) });
    await flow.setup();
    await expect(flow.update({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
  });
});

test("a store that fails ends the update only when the writes under way have ended", async () => {
  write(2);
  const inner = openMemoryStore({ state });
  let left = Number.POSITIVE_INFINITY;
  const failing = new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "write") return member.bind(target);
      return async (given: Parameters<typeof inner.write>[0]) => {
        if (left-- <= 0) throw new SluiceError("store-full", "no space");
        return target.write(given);
      };
    },
  });
  let underWay = 0;
  const slow = defineTarget({
    kind: "slowly",
    spec: z.object({}),
    key: z.object({ id: z.string() }),
    getPersistentKey: () => "it",
    applySetupChange() {},
    async mutate() {
      underWay++;
      for (let turn = 0; turn < 50; turn++) await hastyClock.idle();
      underWay--;
    },
  });
  // The second row fails, and so is recorded, while the first is being written.
  const later = defineFunction({
    name: "later",
    version: 1,
    input: { text: z.string() },
    output: z.string(),
    async run({ text }) {
      if (text === "text 0" || left === Number.POSITIVE_INFINITY) return text;
      for (let turn = 0; turn < 10; turn++) await hastyClock.idle();
      throw new Error("too late");
    },
  });
  configure({ store: failing });
  const flow = defineFlow("Full", (builder) => {
    const out = builder.addCollector<{ id: string; text: string }>();
    builder
      .addSource("pages", notebook.source({ ordered: true })({}))
      .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(later) }));
    out.export("It", slow({}), { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  await flow.setup();
  left = 1;
  await expect(flow.update()).rejects.toMatchObject({ code: "store-full", exitCode: 6 });
  expect(underWay).toBe(0);
  left = Number.POSITIVE_INFINITY;
  expect((await flow.update()).ok).toBe(true);
});

describe("errors of use", () => {
  test("a closed flow is used no more, and its name is free", async () => {
    const flow = copyFlow("Closed", { Out: library.target()({ shelf: "s" }) });
    expect(() => copyFlow("Closed", { Out: library.target()({ shelf: "s" }) })).toThrow(
      expect.objectContaining({ code: "flow-duplicate" }),
    );
    flow.close();
    await expect(flow.update()).rejects.toMatchObject({ code: "flow-closed" });
    copyFlow("Closed", { Out: library.target()({ shelf: "s" }) });
  });

  test.each([
    { maxInflightRows: 0 },
    { maxInflightBytes: 1.5 },
    { mutateTimeout: "soon" },
    { memoRetention: -1 },
    { appNamespace: "a/b" },
  ])("the setting %j is refused", async (setting) => {
    const flow = copyFlow("Settings", { Out: library.target()({ shelf: "s" }) });
    configure(setting);
    await expect(flow.update()).rejects.toMatchObject({ code: "settings-invalid", exitCode: 2 });
    configure({ memoRetention: undefined, appNamespace: undefined });
  });

  test("a source that yields what does not fit its schema", async () => {
    const wrong = defineSource({
      kind: "wrong",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      value: z.object({ text: z.string().min(3) }),
      *list() {
        yield [
          { key: { id: "short" }, value: { text: "no" } },
          { key: { id: "surrogate" }, value: { text: "lone \ud800" } },
          { key: { id: "good" }, value: { text: "good" } },
        ];
      },
      getValue: () => null,
    });
    const flow = defineFlow("Wrong", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("rows", wrong({})).forEachRow((row) => out.collect({ id: row.id, text: row.text }));
      out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    await flow.setup();
    const info = await flow.update();
    expect(info.sources.rows).toMatchObject({ inserted: 1, failed: 2 });
    for (const { error } of info.failures) expect(error.code).toBe("source-value-invalid");
  });

  test("a source that says it is ordered, and is not", async () => {
    const liar = defineSource({
      kind: "liar",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      value: z.object({ text: z.string() }),
      ordered: true,
      *list() {
        yield [
          { key: { id: "b" }, value: { text: "b" } },
          { key: { id: "a" }, value: { text: "a" } },
        ];
      },
      getValue: () => null,
    });
    const flow = defineFlow("Liar", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("rows", liar({})).forEachRow((row) => out.collect({ id: row.id, text: row.text }));
      out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    flows.push(flow);
    await flow.setup();
    expect((await flow.update()).incomplete[0]!.error).toMatchObject({ code: "listing-failed" });
  });

  test("an error of Sluice itself ends the update", async () => {
    write(3);
    const store = openMemoryStore({ state });
    const flow = copyFlow("Bug", { Out: library.target()({ shelf: "s" }) });
    await flow.setup();
    configure({
      store: Object.assign(Object.create(store) as typeof store, {
        capabilities: store.capabilities,
        write: () => Promise.reject(new TypeError("undefined is not a function")),
        acquireLease: store.acquireLease.bind(store),
        scan: store.scan.bind(store),
        flows: store.flows.bind(store),
        readSetup: store.readSetup.bind(store),
        readRows: store.readRows.bind(store),
      }),
    });
    await expect(flow.update()).rejects.toMatchObject({ code: "internal", exitCode: 6 });
  });
});
