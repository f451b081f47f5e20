import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { describeSetup } from "../../src/app/describe-setup.ts";
import { renderSetup } from "../../src/cli/render-setup.ts";
import { styleFor } from "../../src/cli/style.ts";
import type { StateStore } from "../../src/contracts/state-store.ts";
import { configure, defineFlow, defineSource, type EngineEvent, type Flow } from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Library } from "../worlds/notebook.ts";
import { watchedStore } from "../worlds/watched-store.ts";

/** What stands in the outside system for sources: a mark under each key. */
const marks = new Map<string, string>();
const changes: string[] = [];
let before = (_change: string): void => {};
let misfit: string | null = null;
/** Under which names sources were opened. */
const opened: string[] = [];

interface MarkSpec {
  readonly colour?: string | null;
}

function markedSource(kind = "marked") {
  return defineSource({
    kind,
    spec: z.object({ colour: z.string().nullable().default("red") }),
    key: z.object({ id: z.string() }),
    value: z.object({ text: z.string() }),
    create: (spec, { sourceName, defaultName }) => {
      opened.push(`${sourceName} ${defaultName}`);
      return spec;
    },
    *list() {
      yield [{ key: { id: "p" }, contentVersion: "1" }];
    },
    getValue: () => ({ value: { text: "text" }, contentVersion: "1" }),
    check() {
      if (misfit !== null) throw new Error(misfit);
    },
    setup: {
      getPersistentKey: ({ defaultName }) => defaultName,
      setupState: ({ spec: { colour } }) => (colour === null ? null : { colour }),
      describe: (key) => `mark ${key}`,
      applySetupChange({ key, previous, current }) {
        const change = `${key}: ${previous?.colour ?? null} -> ${current?.colour ?? null}`;
        before(change);
        changes.push(change);
        if (current === null) marks.delete(String(key));
        else marks.set(String(key), current.colour);
      },
    },
  });
}

let library: Library;
let state: MemoryState;
const flows: Flow[] = [];

beforeEach(() => {
  marks.clear();
  changes.length = 0;
  opened.length = 0;
  before = () => {};
  misfit = null;
  library = new Library();
  state = new MemoryState();
  configure({ store: openMemoryStore({ state }) });
});

afterEach(() => {
  for (const flow of flows.splice(0)) flow.close();
  configure({ store: undefined, appNamespace: undefined });
});

type Sources = Readonly<Record<string, MarkSpec & { readonly renamedFrom?: string; readonly kind?: string }>>;

function define(sources: Sources, name = "Marks"): Flow {
  flows.findLast((flow) => flow.name === name)?.close();
  const flow = defineFlow(name, (builder) => {
    const out = builder.addCollector<{ id: string; text: string }>();
    for (const [source, { renamedFrom, kind, ...spec }] of Object.entries(sources)) {
      builder
        .addSource(source, markedSource(kind)(spec), renamedFrom === undefined ? {} : { renamedFrom })
        .forEachRow((row) => out.collect({ id: row.id, text: row.text }));
    }
    out.export("Shelf", library.target()({ shelf: name }), { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  return flow;
}

async function useStore(wrap: (store: StateStore) => StateStore = (store) => store): Promise<void> {
  configure({ store: wrap(openMemoryStore({ state })) });
}

describe("what a source needs", () => {
  test("is planned and shown, made before the first update, and removed by drop", async () => {
    const flow = define({ pages: {} });
    const plan = await flow.planSetup();
    expect(plan.sourceActions).toMatchObject([
      { verb: "create", name: "pages", description: "mark Marks__pages" },
    ]);
    expect(renderSetup(describeSetup(plan), { style: styleFor({}, {}), columns: null })).toEqual([
      "flow Marks",
      "  + create  Shelf  shelf Marks",
      "  + create  source pages  mark Marks__pages",
    ]);
    expect(changes).toEqual([]);
    await flow.setup();
    expect(await flow.setupStatus()).toBe("ready");
    expect((await flow.planSetup()).sourceActions).toEqual([]);
    await flow.update();
    expect(opened).toEqual(["pages Marks__pages"]);
    expect([...marks]).toEqual([["Marks__pages", "red"]]);
    await flow.drop();
    expect(marks.size).toBe(0);
    expect(changes).toEqual(["Marks__pages: null -> red", "Marks__pages: red -> null"]);
  });

  test("has to be there before an update", async () => {
    await define({ pages: { colour: null } }).setup();
    const flow = define({ pages: {} });
    expect(await flow.setupStatus()).toBe("needs setup");
    await expect(flow.update()).rejects.toMatchObject({
      code: "setup-needed",
      message: "the flow must be set up first: create mark Marks__pages",
    });
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
  });

  test("is altered where the spec asks for another state, and removed where it asks for none", async () => {
    await define({ pages: {} }).setup();
    await define({ pages: { colour: "blue" } }).setup();
    const flow = define({ pages: { colour: null } });
    expect((await flow.planSetup()).sourceActions).toMatchObject([{ verb: "drop", name: "pages" }]);
    await flow.setup();
    expect(changes).toEqual([
      "Marks__pages: null -> red",
      "Marks__pages: red -> blue",
      "Marks__pages: blue -> null",
    ]);
    expect((await flow.planSetup()).recordsChange).toBe(false);
  });

  test("is removed when its source leaves the flow, and loses no data that one would have to agree to", async () => {
    await define({ pages: {}, more: {} }).setup();
    const flow = define({ pages: {} });
    const plan = await flow.planSetup();
    expect(plan.sourceActions).toMatchObject([{ verb: "drop", name: "more" }]);
    expect(describeSetup(plan).destroys).toBe(false);
    await flow.setup();
    expect([...marks.keys()]).toEqual(["Marks__pages"]);
  });

  test("is made anew by setup where others have removed it", async () => {
    const flow = define({ pages: {} });
    await flow.setup();
    marks.clear();
    await flow.setup();
    expect([...marks]).toEqual([["Marks__pages", "red"]]);
    expect(changes).toEqual(["Marks__pages: null -> red", "Marks__pages: red -> red"]);
  });

  test("stays when its source is renamed with renamedFrom", async () => {
    await define({ pages: {} }).setup();
    const flow = define({ papers: { renamedFrom: "pages" } });
    expect((await flow.planSetup()).sourceActions).toEqual([]);
    await flow.setup();
    await flow.update();
    expect(opened).toEqual(["pages Marks__pages"]);
    expect(changes).toEqual(["Marks__pages: null -> red", "Marks__pages: red -> red"]);
  });

  test("is each flow's own", async () => {
    const [one, other] = [define({ pages: {} }, "One"), define({ pages: {} }, "Other")];
    await one.setup();
    await other.setup();
    await one.drop();
    expect([...marks.keys()]).toEqual(["Other__pages"]);
    await other.drop();
    configure({ appNamespace: "staging" });
    expect((await other.planSetup()).sourceActions).toMatchObject([{ key: "staging__Other__pages" }]);
  });

  test("is refused where another flow of the store has it", async () => {
    await define({ b__c: {} }, "A").setup();
    await expect(define({ c: {} }, "A__b").planSetup()).rejects.toMatchObject({
      code: "setup-conflict",
      message: "mark A__b__c belongs to source b__c of flow A",
    });
  });
});

describe("an interrupted setup of sources", () => {
  const moments = ["write", "change"];

  test.each([
    ["a creation", null, "red"],
    ["a change", "red", "blue"],
    ["a removal", "red", null],
  ])("is rolled forward by the next one, wherever it stopped: %s", async (_, from, to) => {
    const sourceWith = (colour: string | null) => define({ pages: { colour } });
    let stops = 0;
    for (let moment = 1; ; moment++) {
      state = new MemoryState();
      marks.clear();
      await useStore();
      await sourceWith(from).setup();
      let [reached, struck] = [0, false];
      const fall = (at: string) => {
        if (!moments.includes(at) || ++reached < moment) return;
        struck = true;
        throw new Error(`power cut at ${at}`);
      };
      await useStore((store) => watchedStore(store, fall));
      before = () => fall("change");
      await sourceWith(to)
        .setup()
        .catch((thrown: unknown) => expect(String(thrown)).toMatch(/power cut/));
      before = () => {};
      await useStore();
      await sourceWith(to).setup();
      expect([...marks.values()], `stopped at ${moment}`).toEqual(to === null ? [] : [to]);
      expect((await sourceWith(to).planSetup()).recordsChange).toBe(false);
      if (!struck) break;
      stops++;
    }
    expect(stops).toBeGreaterThanOrEqual(3);
  });

  test("counts every state that it may be in as possible, and can be taken back", async () => {
    await define({ pages: {} }).setup();
    before = () => {
      throw new Error("permission denied");
    };
    await expect(define({ pages: { colour: "blue" } }).setup()).rejects.toMatchObject({
      code: "setup-failed",
      message: "alter mark Marks__pages: permission denied",
      where: { flow: "Marks", source: "pages" },
    });
    before = () => {};
    const back = define({ pages: {} });
    expect((await back.planSetup()).sourceActions).toMatchObject([{ verb: "alter" }]);
    changes.length = 0;
    await back.setup();
    expect(changes).toEqual(["Marks__pages: red -> red", "Marks__pages: blue -> red"]);
  });

  test("does the rest where one thing fails, and takes up only that", async () => {
    before = (change) => {
      if (change.startsWith("Marks__pages")) throw new Error("permission denied");
    };
    const flow = define({ pages: {}, more: {} });
    await expect(flow.setup()).rejects.toMatchObject({ code: "setup-failed" });
    expect([...marks.keys()]).toEqual(["Marks__more"]);
    before = () => {};
    expect((await flow.planSetup()).sourceActions).toMatchObject([{ name: "pages" }]);
    expect((await flow.planSetup()).actions).toEqual([]);
    await flow.setup();
    expect(marks.size).toBe(2);
  });
});

describe("what a source needed, whose connector is gone", () => {
  beforeEach(async () => {
    await define({ pages: {}, more: { kind: "leaving" } }).setup();
    forgetSourceSetup("leaving");
  });

  test("stays recorded and is reported, until it is defined again", async () => {
    const flow = define({ pages: {} });
    expect((await flow.planSetup()).sourceActions).toMatchObject([
      { verb: "drop", name: "more", connector: null },
    ]);
    await expect(flow.setup()).rejects.toMatchObject({
      code: "connector-missing",
      message: 'drop leaving "Marks__more": no source of kind leaving is defined',
      where: { flow: "Marks", source: "more" },
    });
    markedSource("leaving");
    await flow.setup();
    expect([...marks.keys()]).toEqual(["Marks__pages"]);
  });

  test("is let go of with forget, in setup and in drop, and named", async () => {
    const events: EngineEvent[] = [];
    const flow = define({ pages: {} });
    const { leftBehind } = await flow.setup({ forget: true, report: (event) => events.push(event) });
    expect(leftBehind).toMatchObject([
      { verb: "forget", name: "more", description: 'leaving "Marks__more"' },
    ]);
    expect(events).toMatchObject([{ kind: "source-setup-left", source: "more" }]);
    expect((await flow.planSetup()).recordsChange).toBe(false);
    await flow.drop({ report: (event) => events.push(event) });
    expect(events.slice(1)).toMatchObject([
      { kind: "setup-applied", verb: "drop", target: "Shelf" },
      { kind: "source-setup-applied", verb: "drop", source: "pages" },
    ]);
    expect([...marks.keys()]).toEqual(["Marks__more"]);
  });
});

test("a source that does not fit the outside system refuses setup before anything is changed", async () => {
  misfit = "there is no column title";
  const flow = define({ pages: {} });
  await expect(flow.setup()).rejects.toMatchObject({
    code: "setup-failed",
    message: "there is no column title",
    where: { flow: "Marks", source: "pages" },
  });
  expect([changes, library.changes]).toEqual([[], []]);
  expect(await flow.setupStatus()).toBe("not set up");
  misfit = null;
  await flow.setup();
});

/** Undefines what a kind of source needs, as a process does that never imports its module. */
function forgetSourceSetup(kind: string): void {
  const { [Symbol.for("sluice.connectors")]: registry } = globalThis as {
    readonly [name: symbol]: { readonly sourceSetups: Map<string, unknown> } | undefined;
  };
  registry?.sourceSetups.delete(kind);
}
