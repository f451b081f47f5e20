import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { FlowId } from "../../src/contracts/state-store.ts";
import { configure, defineFlow, defineTarget, type Flow } from "../../src/index.ts";
import { type Deferred, deferred } from "../../src/kernel/deferred.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { interceptWrites } from "../worlds/intercept-writes.ts";
import { textFunction } from "../worlds/text-function.ts";
import { useWorld } from "../worlds/use-world.ts";

/*
 * A lease that ends by time, as a store that many machines share would have it. The first holder is paused somewhere,
 * as a process is that is suspended; a second takes the flow over, does its work and ends; then the first wakes up.
 */

const world = useWorld();
const leaseMs = 10_000;

let now = 0;
/** Where the next holder stops, and how it goes on. */
let paused: { readonly at: string; readonly reached: Deferred<void>; readonly goOn: Deferred<void> } | null;
/** The lease numbers that the target was given. */
let numbers: number[];

beforeEach(() => {
  now = 1_000_000;
  paused = null;
  numbers = [];
  configure({ store: timedStore() });
});

function timedStore() {
  return openMemoryStore({ state: world.state, leaseMs, clock: { ...hastyClock, now: () => now } });
}

async function pauseAt(place: string): Promise<void> {
  const { at, reached, goOn } = paused ?? {};
  if (at !== place) return;
  paused = null;
  reached!.resolve();
  await goOn!.promise;
}

/** `key` for the page's own key, `title` for one that other pages may yield too. */
function define(by: "key" | "title"): Flow {
  world.closeFlows();
  const title = textFunction("title", (text) => text.split(" ")[0]!);
  const slow = textFunction("slow", async (text) => {
    await pauseAt("evaluating");
    return text;
  });
  const target = defineTarget({
    kind: "numbered",
    spec: z.object({}),
    key: z.object({ id: z.string() }),
    getPersistentKey: () => "it",
    applySetupChange({ current }) {
      if (current) world.library.shelves.set("s", new Map());
    },
    async mutate(batches, { leaseNumber }) {
      await pauseAt("before writing");
      numbers.push(leaseNumber);
      for (const { key, value } of batches.flatMap(({ mutations }) => mutations)) {
        if (value === null) world.library.shelves.get("s")!.delete(key.id);
        else world.library.shelves.get("s")!.set(key.id, value);
      }
      await pauseAt("after writing");
    },
  });
  return world.keep(
    defineFlow("Fenced", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        const id = by === "title" ? page.text.transform(title) : page.id;
        out.collect({ id, text: page.text.transform(slow) });
      });
      out.export("Out", target({}), { primaryKeyFields: ["id"] });
    }),
  );
}

/** The first holder is paused, the second does its work under another lease, and the first goes on. */
async function overtake(by: "key" | "title", at: string, meanwhile: () => void): Promise<unknown> {
  const reached = deferred<void>();
  const goOn = deferred<void>();
  paused = { at, reached, goOn };
  const late = define(by)
    .update()
    .catch((error: unknown) => error);
  await reached.promise;
  now += leaseMs + 1;
  meanwhile();
  configure({ store: timedStore() });
  expect((await define(by).update()).ok).toBe(true);
  goOn.resolve();
  return late;
}

/** The next pass repairs what the late writer did, and one more finds nothing to do. */
async function expectRepaired(by: "key" | "title", rows: Readonly<Record<string, string>>): Promise<void> {
  configure({ store: timedStore() });
  const flow = define(by);
  expect((await flow.update()).ok).toBe(true);
  const held = Object.fromEntries(
    world.library.rows("s").map(([id, row]) => [id, (row as { text: string }).text]),
  );
  expect(held).toEqual(rows);
  numbers = [];
  expect((await flow.update()).sources.pages).toMatchObject({ read: 0 });
  expect(numbers).toEqual([]);
  expect(world.state.flow("Fenced" as FlowId).doubts.size).toBe(0);
}

describe.each(["key", "title"] as const)("a holder that wakes up too late, rows by %s", (by) => {
  const fenced = { code: "store-fenced" };

  beforeEach(async () => {
    world.notebook.write("p", "one v1");
    await define(by).setup();
  });

  const id = by === "key" ? "p" : "one";

  test("is refused at stage, and has written nothing", async () => {
    const late = await overtake(by, "evaluating", () => world.notebook.write("p", "one v2"));
    expect(late).toMatchObject(fenced);
    expect(numbers).toHaveLength(1);
    await expectRepaired(by, { [id]: "one v2" });
  });

  test("is refused at commit; what it wrote over its successor's row is put right", async () => {
    const late = await overtake(by, "before writing", () => world.notebook.write("p", "one v2"));
    expect(late).toMatchObject(fenced);
    expect(world.library.rows("s")).toEqual([[id, { text: "one v1" }]]);
    await expectRepaired(by, { [id]: "one v2" });
  });

  test("is refused at commit; what it wrote after its successor deleted it is deleted again", async () => {
    await overtake(by, "before writing", () => world.notebook.remove("p"));
    expect(world.library.rows("s")).toEqual([[id, { text: "one v1" }]]);
    await expectRepaired(by, {});
  });

  test("whose writes came first is in doubt too, and nothing is lost", async () => {
    const late = await overtake(by, "after writing", () => world.notebook.write("p", "one v2"));
    expect(late).toMatchObject(fenced);
    await expectRepaired(by, { [id]: "one v2" });
  });

  test("gives targets the greater number first", async () => {
    await overtake(by, "before writing", () => world.notebook.write("p", "one v2"));
    expect(numbers).toHaveLength(2);
    expect(numbers[0]).toBeGreaterThan(numbers[1]!);
  });
});

test("a holder checks its time before it writes to a target", async () => {
  world.notebook.write("p", "one v1");
  await define("key").setup();
  const store = timedStore();
  configure({
    store: interceptWrites(store, async (write) => {
      await store.write(write);
      if (write.rows?.some(({ outputs }) => outputs)) now += leaseMs + 1;
    }),
  });
  await expect(define("key").update()).rejects.toMatchObject({ code: "store-fenced" });
  expect(numbers).toEqual([]);
  await expectRepaired("key", { p: "one v1" });
});
