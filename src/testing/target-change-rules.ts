import { z } from "zod";
import type { SetupVerdict } from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { broken, type RuleGroup, UnusableOptions } from "./conformance-suite.ts";
import { expectOk } from "./flow-outcome.ts";
import { brief, type KitRow, RowSchema } from "./row-schema.ts";
import { copyOf, deletionOf, type TargetBackend } from "./target-backend.ts";
import type { TargetBench } from "./target-bench.ts";
import type { TargetChange, TargetConformanceOptions } from "./target-conformance-options.ts";

/** The rule that a change of each verdict is held to. */
const ruleOf: Readonly<Record<SetupVerdict, string>> = {
  unchanged: "an unchanged state needs nothing",
  compatible: "a compatible change keeps every row",
  lossy: "a lossy change takes every row again",
  destructive: "a destructive change leaves nothing behind",
};
const backRule = "an interrupted change can be taken back";
const flowRule = "a flow goes on after a change";

/** Three rules a change: what its verdict promises, that it can be taken back, and that a flow lives through it. */
export function targetChangeGroups({
  changes = [],
}: TargetConformanceOptions): readonly RuleGroup<TargetBench>[] {
  const given = changes.map((change) => ({
    leftOut: null,
    rules: {
      [`${ruleOf[change.verdict]}: ${change.name}`]: (bench: TargetBench) => checkVerdict(bench, change),
      [`${backRule}: ${change.name}`]: (bench: TargetBench) => checkTakenBack(bench, change),
      [`${flowRule}: ${change.name}`]: (bench: TargetBench) => checkThroughFlow(bench, change),
    },
  }));
  const missing = (Object.keys(ruleOf) as SetupVerdict[])
    .filter((verdict) => changes.every((change) => change.verdict !== verdict))
    .map((verdict) => ({
      leftOut: `no change with the verdict "${verdict}" was given`,
      rules: { [ruleOf[verdict]]: async () => {} },
    }));
  const others = {
    leftOut: "no change was given",
    rules: { [backRule]: async () => {}, [flowRule]: async () => {} },
  };
  return [...given, ...missing, ...(changes.length === 0 ? [others] : [])];
}

interface Changing {
  readonly before: TargetBackend;
  readonly after: TargetBackend;
  /** What was written before the change. */
  readonly rows: readonly KitRow[];
}

async function checkVerdict(bench: TargetBench, change: TargetChange): Promise<void> {
  const changing = await begin(bench, change);
  const { before, after } = changing;
  const verdict = after.definition.compare(copyOf(before.state), copyOf(after.state));
  if (verdict !== change.verdict)
    broken(`compare says ${brief(verdict)} of ${brief(before.state)} → ${brief(after.state)}`);
  if (verdict === "destructive") {
    await after.apply(before.state, null);
    await after.apply(null, after.state);
    await after.expectRows([], "after it was made anew");
  } else if (verdict !== "unchanged") {
    // The second half is what an interrupted setup makes the next one do.
    for (const previous of [before.state, before.state, after.state])
      await after.apply(previous, after.state);
  }
  if (verdict === "unchanged" || verdict === "compatible") await expectKept(changing);
  await expectWholeAfterwards(after);
}

/** Every row, with the values of the fields that the change leaves as they are; what a new field holds is open. */
async function expectKept({ before, after, rows }: Changing): Promise<void> {
  const schema = commonSchema(before.schema, after.schema);
  const found = (await after.outside()) ?? broken("after the change there is no backend");
  const given = rows.map(({ key, value }) => schema.row({ key: schema.givenKey(key), value }));
  schema.expectSame(found, given, "after the change the backend");
}

function commonSchema(before: RowSchema, after: RowSchema): RowSchema {
  const typeIn = ({ fields }: RowSchema, name: string) =>
    canonicalJson(fields.valueFields.find((field) => field.name === name)?.type ?? null);
  const shared = Object.entries(after.valueSchema.shape).filter(
    ([name]) => typeIn(before, name) === typeIn(after, name),
  );
  return new RowSchema(after.keySchema, z.object(Object.fromEntries(shared)));
}

/** Every row is written again, but for one that goes, and others come. */
async function expectWholeAfterwards(after: TargetBackend): Promise<void> {
  const [going, edited, ...others] = after.samples.rows(rowsBefore + 2);
  const writes = [after.samples.edited(edited!), ...others];
  await after.write([deletionOf(going!), ...writes]);
  await after.expectRows(writes, "after the change and new writes");
}

/** The user changes their mind before the next setup: what was staged is where it may be, what was there is wanted. */
async function checkTakenBack(bench: TargetBench, change: TargetChange): Promise<void> {
  const { before, after } = await begin(bench, change);
  const way = before.definition.compare(copyOf(after.state), copyOf(before.state));
  if ((way === "unchanged") !== (change.verdict === "unchanged"))
    broken(`compare says ${brief(change.verdict)} of the change, and ${brief(way)} of the way back`);
  const states = [before.state, after.state];
  if (change.verdict === "destructive") {
    await after.apply(before.state, null);
    await after.apply(null, after.state);
  } else {
    await after.apply(before.state, after.state);
  }
  const isAnew = [way, change.verdict].includes("destructive");
  for (const previous of states) await before.apply(previous, isAnew ? null : before.state);
  if (isAnew) await before.apply(null, before.state);
  const rows = before.samples.rows(rowsBefore).map((row) => before.samples.edited(row));
  await before.write(rows);
  await before.expectRows(rows, "after a change that was taken back and new writes");
}

const rowsBefore = 4;

async function begin(bench: TargetBench, change: TargetChange): Promise<Changing> {
  const before = await bench.backend();
  const after = await bench.changed(before, change);
  if (canonicalJson(before.persistentKey) !== canonicalJson(after.persistentKey))
    throw new UnusableOptions(`the change "${change.name}" moves to another backend`);
  const rows = before.samples.rows(rowsBefore);
  await before.createWith(rows);
  return { before, after, rows };
}

async function checkThroughFlow(bench: TargetBench, change: TargetChange): Promise<void> {
  const { flows } = bench;
  const before = await bench.backend();
  const after = await bench.changed(before, change);
  const rows = before.samples.rows(5);
  flows.source.writeAll(rows);
  const first = flows.define({ backend: before });
  await first.setup();
  expectOk(await first.update(), "the first build");
  for (const [n, row] of rowsUnder(after, rows).entries()) flows.source.adapt(n, row);
  const second = flows.define({ backend: after });
  await second.setup();
  expectOk(await second.update(), "the update after the change");
  await after.expectRows(flows.source.rows(), "after setup and update of the changed flow");
  await second.drop();
  await after.expectAbsent("after the changed flow was dropped");
}

/** The same rows where the changed schema takes them, else others of the same keys. */
function rowsUnder({ schema, samples }: TargetBackend, rows: readonly KitRow[]): readonly KitRow[] {
  try {
    return rows.map(({ key, value }) => schema.row({ key: schema.givenKey(key), value }));
  } catch {
    return samples.rows(rows.length);
  }
}
