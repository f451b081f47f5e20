import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineFlow, defineSource, defineTarget } from "../../src/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
const pages = 500;
const linesAPage = 200;
const count = pages * linesAPage;

const pageName = (n: number) => `page ${n}`;
const textOf = (page: string, line: number) => `${"text ".repeat(20)}${page} ${line}`;
const linesOf = (page: string) =>
  Array.from({ length: linesAPage }, (_, line) => ({ line, text: textOf(page, line) }));

const documents = defineSource({
  kind: "documents",
  spec: z.object({}),
  key: z.object({ page: z.string() }),
  value: z.object({ lines: z.array(z.object({ line: z.int(), text: z.string() })) }),
  create: () => null,
  list: () => [
    Array.from({ length: pages }, (_, n) => ({ key: { page: pageName(n) }, contentVersion: "1" })),
  ],
  getValue: (_, { page }) => ({ value: { lines: linesOf(page) }, contentVersion: "1" }),
});

/** What is alive now, in bytes. */
async function alive(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await hastyClock.idle();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("verifying 100,000 rows holds a digest of each, and no row", async () => {
  let wrong = false;
  let atEnd = async () => {};
  const mirror = defineTarget({
    kind: "mirror",
    spec: z.object({}),
    key: z.object({ page: z.string(), line: z.int() }),
    getPersistentKey: () => "mirror",
    applySetupChange() {},
    mutate() {},
    // Rows are made when they are asked for, so that nobody holds them.
    async *readBack() {
      for (let n = 0; n < pages; n++) {
        const page = pageName(n);
        yield linesOf(page).map(({ line, text }) => ({
          key: { page, line },
          value: { text: wrong && line % 2 === 0 ? "" : text },
        }));
      }
      await atEnd();
    },
  });
  const flow = world.keep(
    defineFlow("Many", (builder) => {
      const out = builder.addCollector<{ page: string; line: number; text: string }>();
      builder.addSource("documents", documents({})).forEachRow((document) => {
        document.lines.forEachRow(({ line, text }) => {
          out.collect({ page: document.page, line, text });
        });
      });
      out.export("Mirror", mirror({}), { primaryKeyFields: ["page", "line"] });
    }),
  );
  await flow.setup();
  await flow.update();
  expect(await flow.verify()).toMatchObject({
    targets: { Mirror: { expected: count, found: count } },
    ok: true,
  });

  wrong = true;
  const before = await alive();
  let held = 0;
  atEnd = async () => {
    held = (await alive()) - before;
  };
  const info = await flow.verify({ limit: 10 });
  expect(info.targets.Mirror).toMatchObject({ expected: count, found: count, different: count / 2 });
  expect(info.targets.Mirror!.findings).toHaveLength(10);
  expect(held).toBeGreaterThan(count * 33);
  // At most 50 bytes a row, and what the runtime has not let go yet; the rows themselves are 20 MB.
  expect(held).toBeLessThan(count * 50 + 5 * 2 ** 20);
}, 240_000);
