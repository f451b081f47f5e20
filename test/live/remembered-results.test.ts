import { beforeEach, expect, test } from "vitest";
import { configure, defineFlow, type Flow } from "../../src/index.ts";
import { type Deferred, deferred } from "../../src/kernel/deferred.ts";
import { Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();
/** What rows wait for once they have their results. */
let gate: Deferred<void> | null;
let waiting: number;
let computed: string[];
let broken: boolean;

beforeEach(() => {
  configure({ memoRetention: 0 });
  [gate, waiting, computed, broken] = [null, 0, [], false];
});

const remembered = textFunction(
  "remembered",
  (text) => {
    if (broken) throw new Error("boom");
    computed.push(text);
    return text.toUpperCase();
  },
  { cache: true },
);
const gated = textFunction("gated", async (text) => {
  waiting++;
  await gate?.promise;
  waiting--;
  return text;
});

function define(): Flow {
  const pages = live.feed.source(live.notebook);
  return live.world.keep(
    defineFlow("Remembering", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", pages({}))
        .forEachRow((page) =>
          out.collect({ id: page.id, text: page.text.transform(remembered).transform(gated) }),
        );
      out.export("Out", live.world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
}

/** A row that has its result, and has not landed. */
async function inFlight(id: string, text: string): Promise<Deferred<void>> {
  const holding = deferred<void>();
  gate = holding;
  live.edit(id, text);
  await until(() => waiting === 1, "the row's result");
  return holding;
}

/** How many rows refer to each result; a result that is not there counts as null. */
const uses = () => [...live.world.state.memos.values()].map(({ result, references }) => result && references);

/** A page whose text was another before: no row uses the result of that. */
async function followWithFreedResult(): Promise<void> {
  live.notebook.write("a", "one");
  await live.follow(define());
  live.edit("a", "two");
  await live.untilFresh();
}

test("a result that a row in flight has found stays until the row has landed", async () => {
  await followWithFreedResult();
  const holding = await inFlight("b", "one");
  await live.clock.pass(3_600_000);
  holding.resolve();
  await live.untilFresh();
  expect(uses()).toEqual([1, 1]);
  expect(computed).toEqual(["one", "two"]);
});

test("a result that a row in flight had computed stays until the row has landed", async () => {
  await followWithFreedResult();
  const holding = await inFlight("b", "three");
  await live.clock.pass(3_600_000);
  expect(uses()).toEqual([1, 0]);
  holding.resolve();
  await live.untilFresh();
  expect(uses()).toEqual([1, 1]);
});

test("the update of another flow takes no result from a row in flight", async () => {
  const other = new Notebook();
  other.write("o", "other");
  await followWithFreedResult();
  const holding = await inFlight("b", "one");
  live.world.notebook = other;
  const targets = { Out: live.world.library.target()({ shelf: "other" }) };
  const beside = live.world.define("Beside", { through: remembered, targets });
  await beside.setup();
  expect(await beside.update()).toMatchObject({ ok: true });
  holding.resolve();
  await until(() => live.rows().b === "ONE");
  expect(uses()).toEqual([1, 1, 1]);
});

test("a result whose row gave up after all is cleared away later", async () => {
  await followWithFreedResult();
  const holding = await inFlight("b", "one");
  await live.clock.pass(3_600_000);
  expect(uses()).toEqual([0, 1]);
  broken = true;
  holding.reject(new Error("boom"));
  await until(() => live.heard("row-failed").length > 0, "the failure");
  await live.clock.pass(3_600_000);
  expect(uses()).toEqual([1]);
});
