import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineFlow,
  defineFunction,
  defineSource,
  defineTarget,
  type ExplainedChange,
  type Flow,
} from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** What of the flow a test changes. */
interface Shape {
  readonly source?: { readonly kind?: string; readonly version?: number; readonly edition?: number };
  readonly value?: z.ZodObject<{ text: z.ZodType<string> }>;
  readonly shout?: { readonly version?: number; readonly end?: string; readonly sharedId?: string };
  readonly shoutInput?: z.ZodType<string>;
  readonly shoutTwice?: boolean;
  readonly whisper?: { readonly version?: number };
  readonly target?: { readonly version?: number; readonly binding?: string };
  readonly note?: boolean;
  readonly loudName?: string;
  readonly exports?: readonly ("Loud" | "Soft")[];
  readonly onDuplicateKey?: "first" | "error";
}

/** Two branches: Loud shouts the text of a page, Soft whispers it. */
function define(shape: Shape = {}): Flow {
  world.closeFlows();
  const { exports = ["Loud", "Soft"], onDuplicateKey = "first" } = shape;
  const { shout, whisper } = functionsOf(shape);
  const shelf = shelfOf(shape.target ?? {});
  return world.keep(
    defineFlow("Voices", (flow) => {
      const noted = flow.addCollector<{ id: string; text: string; note: string }>();
      const loudly = flow.addCollector<{ id: string; text: string }>();
      const softly = flow.addCollector<{ id: string; text: string }>();
      flow.addSource("pages", pagesOf(shape)({ edition: shape.source?.edition ?? 1 })).forEachRow((page) => {
        const once = page.text.transform(shout);
        const text = shape.shoutTwice ? once.transform(shout) : once;
        if (shape.note) noted.collect({ id: page.id, text, note: page.text });
        else loudly.collect({ id: page.id, text });
        softly.collect({ id: page.id, text: page.text.transform(whisper) });
      });
      const options = { primaryKeyFields: ["id"], onDuplicateKey } as const;
      if (exports.includes("Loud")) {
        if (shape.note) noted.export("Loud", shelf({ shelf: "loud" }), options);
        else loudly.export(shape.loudName ?? "Loud", shelf({ shelf: "loud" }), options);
      }
      if (exports.includes("Soft"))
        softly.export("Soft", shelf({ shelf: "soft" }), { primaryKeyFields: ["id"] });
    }),
  );
}

function pagesOf({ source = {}, value = z.object({ text: z.string() }) }: Shape) {
  const { kind = "pages", version } = source;
  return defineSource({
    kind,
    ...(version === undefined ? {} : { version }),
    spec: z.object({ edition: z.number() }),
    key: z.object({ id: z.string() }),
    value,
    *list() {
      yield [{ key: { id: "a" }, contentVersion: "v1" }];
    },
    getValue: () => ({ value: { text: "Hello" }, contentVersion: "v1" }),
  });
}

function functionsOf({ shout = {}, shoutInput = z.string(), whisper = {} }: Shape) {
  const common = { cache: true, output: z.string() } as const;
  return {
    shout: defineFunction({
      ...common,
      name: "shout",
      version: shout.version ?? 1,
      ...(shout.sharedId === undefined ? {} : { sharedId: shout.sharedId }),
      spec: z.object({ end: z.string() }),
      input: { text: shoutInput },
      prepare: ({ end }) => end,
      run: ({ text }, { prepared }) => text.toUpperCase() + prepared,
    })({ end: shout.end ?? "!" }),
    whisper: defineFunction({
      ...common,
      name: "whisper",
      version: whisper.version ?? 1,
      input: { text: z.string() },
      run: ({ text }) => text.toLowerCase(),
    }),
  };
}

function shelfOf({ version, binding = "paper" }: NonNullable<Shape["target"]>) {
  return defineTarget({
    kind: "voiceShelf",
    ...(version === undefined ? {} : { version }),
    spec: z.object({ shelf: z.string() }),
    getPersistentKey: ({ shelf }) => shelf,
    setupState: ({ spec }) => ({ ...spec, binding }),
    compare: (before, wanted) =>
      JSON.stringify(before) === JSON.stringify(wanted)
        ? "unchanged"
        : JSON.stringify(wanted).includes("leather")
          ? "destructive"
          : "lossy",
    applySetupChange() {},
    mutate() {},
  });
}

async function update(flow: Flow): Promise<void> {
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
}

/** What is said of the row after a flow of one shape was changed to another, and updated. */
async function changesOf(before: Shape, after: Shape) {
  await update(define(before));
  const [stale] = await define(after).explain("a");
  const flow = define(after);
  await update(flow);
  const [row] = await flow.explain("a");
  // What was said to be coming is what came.
  expect(row!.lastRun!.changes).toEqual(stale!.stale);
  expect(row!.stale).toEqual([]);
  return row!.lastRun!;
}

const change = (part: ExplainedChange["part"], targets: readonly string[], fn: string | null = null) => ({
  part,
  function: fn,
  targets,
});
const both = ["Loud", "Soft"];

describe("a row ran since the flow changed", () => {
  test("in the version of one of two functions: only its branch", async () => {
    const run = await changesOf({}, { whisper: { version: 2 } });
    expect(run.reason).toBe("logic");
    expect(run.changes).toEqual([change("function-version", ["Soft"], "whisper")]);
    expect(run.functions).toEqual([{ function: "whisper", computed: 1, memoHits: 0 }]);
    expect(run.targets).toMatchObject([{ target: "Soft", upserted: 0, equal: 1 }]);
  });

  test.each<[string, Shape, Shape, ExplainedChange[]]>([
    ["in a function's spec", {}, { shout: { end: "?" } }, [change("function-spec", ["Loud"], "shout")]],
    [
      "in the types of a function",
      {},
      { shoutInput: z.union([z.string(), z.number()]) as unknown as z.ZodType<string> },
      [change("function-types", ["Loud"], "shout")],
    ],
    [
      "in who shares a function's results",
      {},
      { shout: { sharedId: "everybody" } },
      [change("function-sharing", ["Loud"], "shout")],
    ],
    ["in the steps of a branch", {}, { shoutTwice: true }, [change("steps", ["Loud"])]],
    ["in the source's spec", {}, { source: { edition: 2 } }, [change("source-spec", both)]],
    ["in the source's version", {}, { source: { version: 2 } }, [change("source-version", both)]],
    ["in the kind of source", {}, { source: { kind: "leaves" } }, [change("source-kind", both)]],
    [
      "in the version of its target, which has all rows written again",
      {},
      { target: { version: 2 } },
      [change("target-version", both)],
    ],
    ["in the state of its target", {}, { target: { binding: "linen" } }, [change("target-spec", both)]],
    [
      "so that its target was made anew",
      {},
      { target: { binding: "leather" } },
      [change("target-spec", both), change("target-rebuild", both)],
    ],
    ["in onDuplicateKey", {}, { onDuplicateKey: "error" }, [change("duplicate-keys", ["Loud"])]],
    ["by an export more", { exports: ["Loud"] }, {}, [change("export-added", ["Soft"])]],
    ["by an export less", {}, { exports: ["Soft"] }, [change("export-removed", ["Loud"])]],
    [
      "in several parts at once",
      {},
      { source: { edition: 2 }, shout: { version: 2, end: "?" } },
      [
        change("source-spec", both),
        change("function-version", ["Loud"], "shout"),
        change("function-spec", ["Loud"], "shout"),
      ],
    ],
  ])("%s", async (_name, before, after, changes) => {
    const run = await changesOf(before, after);
    expect(run.reason).toBe("logic");
    expect(run.changes).toEqual(changes);
  });

  test("in the type of its values, which are other bytes then", async () => {
    const run = await changesOf({}, { value: z.object({ text: z.string(), more: z.string().optional() }) });
    expect(run).toMatchObject({ reason: "content", changes: [change("row-types", both)] });
  });

  test("in the fields of an export, whose target follows", async () => {
    const run = await changesOf({}, { note: true });
    const parts = run.changes.map(({ part }) => part);
    expect(parts).toEqual(["steps", "export-fields"]);
  });

  test("back to what it was some time ago", async () => {
    await update(define());
    const back = await changesOf({ whisper: { version: 2 } }, {});
    expect(back.changes).toEqual([change("function-version", ["Soft"], "whisper")]);
  });

  test("and not, where an export was but renamed", async () => {
    const run = await changesOf({}, { loudName: "Louder" });
    expect(run).toMatchObject({ reason: "new", changes: [] });
    expect(run.targets.map(({ target }) => target)).toEqual(["Louder", "Soft"]);
  });
});

test("what a row has in a target that is to be made anew is told until then", async () => {
  await update(define());
  const flow = define({ target: { binding: "leather" } });
  const [row] = await flow.explain("a");
  expect(row!.outputs.map(({ target, rows }) => [target, rows.map(({ key }) => key)])).toEqual([
    ["Loud", ["a"]],
    ["Soft", ["a"]],
  ]);
  expect(await flow.explainTarget("Soft", "a")).toMatchObject({ owner: { source: "pages", row: "a" } });
  await flow.setup();
  expect((await flow.explain("a"))[0]!.outputs).toEqual([]);
  await expect(flow.explainTarget("Soft", "a")).rejects.toMatchObject({ code: "row-missing" });
});

describe("the record of what rows were made with", () => {
  test("forgets what was long ago, and says so", async () => {
    await update(define());
    // These are set up and never updated, so that the row stays with the first.
    for (let version = 2; version < 70; version++) {
      const flow = define({ whisper: { version } });
      const plan = await flow.planSetup();
      expect(plan.recordsChange).toBe(true);
      await flow.setup();
    }
    const flow = define({ whisper: { version: 70 } });
    await update(flow);
    const [row] = await flow.explain("a");
    expect(row!.lastRun!.changes).toEqual([change("unknown", ["Soft"])]);
  });

  test("does not change where the flow does not", async () => {
    await update(define());
    expect((await define().planSetup()).recordsChange).toBe(false);
  });
});
