import { describe, expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineSource } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

describe("misuse", () => {
  test("a closed flow is used no more, and its name is free", async () => {
    const flow = world.define("Closed");
    expect(() => world.define("Closed")).toThrow(expect.objectContaining({ code: "flow-duplicate" }));
    flow.close();
    await expect(flow.update()).rejects.toMatchObject({ code: "flow-closed" });
    world.define("Closed");
  });

  test.each([
    { maxInflightRows: 0 },
    { maxInflightBytes: 1.5 },
    { mutateTimeout: "soon" },
    { memoRetention: -1 },
    { appNamespace: "a/b" },
  ])("the setting %j is refused", async (setting) => {
    const flow = world.define("Settings");
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
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    world.keep(flow);
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
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    });
    world.keep(flow);
    await flow.setup();
    expect((await flow.update()).incomplete[0]!.error).toMatchObject({ code: "listing-failed" });
  });

  test("a source whose key schema changes is read anew, and what the old keys yielded goes", async () => {
    const keyed = <K extends z.ZodType<string | number>>(key: K, ids: readonly z.output<K>[]) =>
      defineSource({
        kind: "keyed",
        spec: z.object({}),
        key,
        value: z.object({ text: z.string() }),
        *list() {
          yield ids.map((id) => ({ key: id, value: { text: `text of ${id}` } }));
        },
        getValue: () => null,
      })({});
    const define = (source: ReturnType<typeof keyed>) => {
      world.closeFlows();
      return world.keep(
        defineFlow("Keys", (builder) => {
          const out = builder.addCollector<{ id: string; text: string }>();
          builder
            .addSource("rows", source)
            .forEachRow((row) => out.collect({ id: row.text, text: row.text }));
          out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
        }),
      );
    };
    await define(keyed(z.string(), ["one", "2"])).setup();
    await define(keyed(z.string(), ["one", "2"])).update();
    const info = await define(keyed(z.int(), [2, 3])).update();
    expect(info).toMatchObject({ ok: true, sources: { rows: { inserted: 2, deleted: 2 } } });
    expect(world.library.rows("s").map(([id]) => id)).toEqual(["text of 2", "text of 3"]);
  });

  test("a report that throws stops no row, and is what the update rejects with", async () => {
    world.write(5);
    const flow = world.define("Report");
    await flow.setup();
    const report = () => {
      throw new Error("no ear for it");
    };
    await expect(flow.update({ report })).rejects.toThrow("no ear for it");
    expect(world.library.rows("s")).toHaveLength(5);
    expect((await flow.update()).sources.pages).toMatchObject({ unchanged: 5, read: 0 });
  });

  test("an error of Sluice itself ends the update", async () => {
    world.write(3);
    const store = openMemoryStore({ state: world.state });
    const flow = world.define("Bug");
    await flow.setup();
    configure({
      store: new Proxy(store, {
        get(target, name) {
          if (name === "write") return () => Promise.reject(new TypeError("undefined is not a function"));
          const member: unknown = Reflect.get(target, name);
          return typeof member === "function" ? member.bind(target) : member;
        },
      }),
    });
    await expect(flow.update()).rejects.toMatchObject({ code: "internal", exitCode: 6 });
  });
});
