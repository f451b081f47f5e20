import { join } from "node:path";
import { configure, defineFlow, defineFunction, defineSource, defineTarget, table } from "sluice";
import { z } from "zod";
import { givenArgument } from "../child.ts";

/*
 * An update of a single row that becomes as many target rows as it has lines.
 */

export interface WideRowArgument {
  readonly state: string;
  readonly lines: number;
  /** Another one edits another line. */
  readonly version: number;
}

const { state, lines, version } = givenArgument<WideRowArgument>();

function bookOf(edition: number): string {
  const line = (number: number) => `line ${number} ${"of a long book ".repeat(6)}`;
  const all = Array.from({ length: lines }, (_, number) => line(number));
  for (let edit = 1; edit < edition; edit++) all[edit * 7] += `, edited ${edit}`;
  return all.join("\n");
}

const book = defineSource({
  kind: "book",
  spec: z.object({}),
  key: z.object({ title: z.string() }),
  value: z.object({ content: z.string() }),
  create: () => null,
  *list() {
    yield [{ key: { title: "book" }, contentVersion: `${version}` }];
  },
  getValue: () => ({ value: { content: bookOf(version) }, contentVersion: `${version}` }),
});

const splitLines = defineFunction({
  name: "splitLines",
  input: { text: z.string() },
  output: table(z.object({ line: z.int(), text: z.string() }), { key: ["line"] }),
  run: ({ text }) => text.split("\n").map((each, line) => ({ line, text: each })),
});

const nowhere = defineTarget({
  kind: "nowhere",
  spec: z.object({}),
  getPersistentKey: () => "nowhere",
  applySetupChange: () => {},
  mutate: () => {},
});

configure({ appDirectory: state, storeDirectory: join(state, "store") });
const flow = defineFlow("WideRow", (builder) => {
  const out = builder.addCollector<{ line: number; text: string }>();
  builder.addSource("book", book({})).forEachRow(({ content }) => {
    content.transform(splitLines).forEachRow(({ line, text }) => out.collect({ line, text }));
  });
  out.export("Out", nowhere({}), { primaryKeyFields: ["line"] });
});
await flow.setup();
const info = await flow.update();
if (!info.ok) throw new Error(JSON.stringify(info.failures));
flow.close();
process.stdout.write(`${JSON.stringify(info.targets.Out)}\n`);
