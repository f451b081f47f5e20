import type { SetupVerdict } from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { broken, type RuleGroup, UnusableOptions } from "./conformance-suite.ts";
import { expectOk } from "./flow-outcome.ts";
import { brief, type KitRow } from "./row-schema.ts";
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
const flowRule = "a flow goes on after a change";

/** Two rules a change: what its verdict promises, and that a flow lives through it. */
export function targetChangeGroups({
  changes = [],
}: TargetConformanceOptions): readonly RuleGroup<TargetBench>[] {
  const given = changes.map((change) => ({
    leftOut: null,
    rules: {
      [`${ruleOf[change.verdict]}: ${change.name}`]: (bench: TargetBench) => checkVerdict(bench, change),
      [`${flowRule}: ${change.name}`]: (bench: TargetBench) => checkThroughFlow(bench, change),
    },
  }));
  const missing = (Object.keys(ruleOf) as SetupVerdict[])
    .filter((verdict) => changes.every((change) => change.verdict !== verdict))
    .map((verdict) => ({
      leftOut: `no change with the verdict "${verdict}" was given`,
      rules: { [ruleOf[verdict]]: async () => {} },
    }));
  const flows = { leftOut: "no change was given", rules: { [flowRule]: async () => {} } };
  return [...given, ...missing, ...(changes.length === 0 ? [flows] : [])];
}

interface Changing {
  readonly before: TargetBackend;
  readonly after: TargetBackend;
  /** The rows that were there, as the changed schema sees them; null where it cannot. */
  readonly kept: readonly KitRow[] | null;
}

async function checkVerdict(bench: TargetBench, change: TargetChange): Promise<void> {
  const changing = await begin(bench, change);
  const { before, after, kept } = changing;
  const verdict = after.definition.compare(copyOf(before.state), copyOf(after.state));
  if (verdict !== change.verdict)
    broken(`compare says ${brief(verdict)} of ${brief(before.state)} → ${brief(after.state)}`);
  if (change.verdict === "destructive") {
    await after.apply(before.state, null);
    await after.apply(null, after.state);
    await after.expectRows([], "after it was made anew");
  } else if (change.verdict === "unchanged") {
    await after.expectRows(keptRows(change, kept), "with nothing done");
  } else {
    // The second half is what an interrupted setup makes the next one do.
    for (const previous of [before.state, before.state, after.state])
      await after.apply(previous, after.state);
    if (change.verdict === "compatible") await after.expectRows(keptRows(change, kept), "after the change");
  }
  await expectWholeAfterwards(changing, change);
}

/** Rows are written again, one goes, one comes. */
async function expectWholeAfterwards({ after, kept }: Changing, change: TargetChange): Promise<void> {
  const rows = after.samples.rows(6);
  const writes = rows.slice(1).map((row, n) => (n === 0 ? after.samples.edited(row) : row));
  await after.write([deletionOf(rows[0]!), ...writes]);
  const others = change.verdict === "unchanged" || change.verdict === "compatible" ? (kept ?? []) : [];
  const ids = new Set(rows.map((row) => after.schema.idOf(row)));
  const untouched = others.filter((row) => !ids.has(after.schema.idOf(row)));
  await after.expectRows([...writes, ...untouched], "after the change and new writes");
}

async function begin(bench: TargetBench, change: TargetChange): Promise<Changing> {
  const before = await bench.backend();
  const after = await bench.changed(before, change);
  if (canonicalJson(before.persistentKey) !== canonicalJson(after.persistentKey))
    throw new UnusableOptions(`the change "${change.name}" moves to another backend`);
  const rows = before.samples.rows(4);
  await before.createWith(rows);
  return { before, after, kept: rowsUnder(after, rows) };
}

function rowsUnder(after: TargetBackend, rows: readonly KitRow[]): readonly KitRow[] | null {
  try {
    const { schema } = after;
    return rows.map(({ key, value }) => schema.row({ key: schema.givenKey(key), value }));
  } catch {
    return null;
  }
}

function keptRows({ name, verdict }: TargetChange, kept: readonly KitRow[] | null): readonly KitRow[] {
  if (kept) return kept;
  throw new UnusableOptions(
    `the rows that are there do not fit the changed schema, so "${name}" is not ${verdict}`,
  );
}

async function checkThroughFlow(bench: TargetBench, change: TargetChange): Promise<void> {
  const { flows } = bench;
  const before = await bench.backend();
  const after = await bench.changed(before, change);
  flows.source.writeAll(before.samples.rows(5));
  const first = flows.define({ backend: before });
  await first.setup();
  expectOk(await first.update(), "the first build");
  const rows = before.samples.rows(5);
  const adapted = rowsUnder(after, rows) ?? after.samples.rows(5);
  for (const [n, row] of adapted.entries()) flows.source.adapt(n, row);
  const second = flows.define({ backend: after });
  await second.setup();
  expectOk(await second.update(), "the update after the change");
  await after.expectRows(flows.source.rows(), "after setup and update of the changed flow");
  await second.drop();
  await after.expectAbsent("after the changed flow was dropped");
}
