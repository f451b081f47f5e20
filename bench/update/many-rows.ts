import { join } from "node:path";
import { configure, defineFlow, defineSource, defineTarget } from "sluice";
import { z } from "zod";
import { givenArgument } from "../child.ts";

/*
 * An update of a source that is nothing but rows: what the engine takes for each, without any file.
 */

export interface ManyRowsArgument {
  readonly state: string;
  readonly rows: number;
}

const pageRows = 1_000;
const { state, rows } = givenArgument<ManyRowsArgument>();

function textOf(id: number): string {
  return `row ${id} `.repeat(8);
}

const numbers = defineSource({
  kind: "numbers",
  spec: z.object({}),
  key: z.object({ id: z.int() }),
  value: z.object({ text: z.string() }),
  ordered: true,
  create: () => null,
  *list() {
    for (let first = 0; first < rows; first += pageRows)
      yield Array.from({ length: Math.min(pageRows, rows - first) }, (_, i) => ({
        key: { id: first + i },
        contentVersion: `${first + i}`,
      }));
  },
  getValue: (_, { id }) => ({ value: { text: textOf(id) }, contentVersion: `${id}` }),
});

const nowhere = defineTarget({
  kind: "nowhere",
  spec: z.object({}),
  getPersistentKey: () => "nowhere",
  applySetupChange: () => {},
  mutate: () => {},
});

configure({ appDirectory: state, storeDirectory: join(state, "store") });
const flow = defineFlow("ManyRows", (builder) => {
  const out = builder.addCollector<{ id: number; text: string }>();
  builder.addSource("numbers", numbers({})).forEachRow(({ id, text }) => out.collect({ id, text }));
  out.export("Out", nowhere({}), { primaryKeyFields: ["id"] });
});
await flow.setup();
const info = await flow.update();
if (!info.ok) throw new Error(JSON.stringify(info.failures));
flow.close();
