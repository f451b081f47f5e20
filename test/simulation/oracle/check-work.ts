import { functionOf } from "../functions.ts";
import type { ModelBackend, ModelState } from "../model/model-state.ts";
import type { TargetWrite, Work } from "../world/work.ts";
import { describeCall } from "./known-results.ts";
import { type Problem, problem } from "./problem.ts";
import { Processing } from "./processing.ts";

/** Two states between which an update went without anything in its way, and what it did. */
export interface WorkToCheck {
  readonly before: ModelState;
  readonly after: ModelState;
  readonly work: Work;
  /** Results of cached calls that the store had. */
  readonly known: ReadonlySet<string>;
  /** Sources whose rows are read whatever is said of them. */
  readonly unversioned: ReadonlySet<string>;
}

/** Holds the work of an update against the least that takes the world from one state to the other. */
export function checkWork(checked: WorkToCheck): Problem | null {
  const processing = new Processing(checked.before, checked.after);
  return (
    checkReads(checked, processing) ??
    checkCachedCalls(checked) ??
    checkUncachedCalls(checked, processing) ??
    checkWrites(checked)
  );
}

function checkReads({ work, unversioned }: WorkToCheck, processing: Processing): Problem | null {
  const counts = new Map<string, number>();
  for (const row of work.reads) {
    const count = (counts.get(row) ?? 0) + 1;
    counts.set(row, count);
    if (count > processing.mostLooks(row))
      return problem("needless read", `row ${row} was read ${count} times`);
    if (unversioned.has(row.slice(0, row.indexOf(" "))) || processing.mayRead(row)) continue;
    return problem("needless read", `row ${row} was read, and nothing about it has changed`);
  }
  return null;
}

/** Equal calls are made once, and never again. */
export function checkCachedCalls({ work, known }: Pick<WorkToCheck, "work" | "known">): Problem | null {
  const seen = new Set<string>();
  for (const call of work.calls) {
    if (!functionOf(call.name).cached) continue;
    const name = describeCall(call);
    if (known.has(name)) return problem("needless call", `${name} was called, and its result was known`);
    if (seen.has(name)) return problem("needless call", `${name} was called twice`);
    seen.add(name);
  }
  return null;
}

function checkUncachedCalls({ work, after }: WorkToCheck, processing: Processing): Problem | null {
  const budget = new Map<string, number>();
  const add = (name: string, count: number) => budget.set(name, (budget.get(name) ?? 0) + count);
  for (const row of after.rows.values()) {
    const looks = processing.mostLooks(row.name);
    for (const call of row.callsFor(processing.collectorsOf(row))) add(describeCall(call), looks);
  }
  for (const call of work.calls) {
    const name = describeCall(call);
    if (functionOf(call.name).cached) continue;
    if ((budget.get(name) ?? 0) <= 0)
      return problem("needless call", `${name} was called for no row that changed`);
    add(name, -1);
  }
  return null;
}

function checkWrites(checked: WorkToCheck): Problem | null {
  const counts = new Map<string, number>();
  for (const write of checked.work.writes) {
    const name = `${write.backend} ${write.key}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const found = checkWrite(checked, write, { name, count });
    if (found) return found;
  }
  return null;
}

interface Counted {
  readonly name: string;
  /** How many times the key was written so far. */
  readonly count: number;
}

function checkWrite(
  { before, after }: WorkToCheck,
  write: TargetWrite,
  { name, count }: Counted,
): Problem | null {
  const [was, is] = [before, after].map((state) => state.backends.get(write.backend));
  const [claimed, claims] = [was, is].map((one) => one?.claims.get(write.key) ?? []);
  if (write.after === null && claims!.length > 0)
    return problem("gap", `${name} was deleted, and is ${claims![0]!.value}`);
  // Under another schema equal values are other rows.
  const sameSchema = was && is && schemaText(was) === schemaText(is);
  if (sameSchema && write.before === write.after)
    return problem("needless write", `${name} was written, and was ${write.after} already`);
  const changes = sameSchema ? changedClaims(claimed!, claims!) : claims!.length + claimed!.length;
  if (count > changes)
    return problem("needless write", `${name} was written ${count} times, for ${changes} changes of claims`);
  return null;
}

/** What rows must be written anew for when it changes. */
function schemaText({ schema, shape }: ModelBackend): string {
  const fields = schema.map(({ name, kind }) => `${name} ${kind}`).sort();
  return JSON.stringify([fields, shape.key, shape.target.edition]);
}

type Claims = readonly { readonly row: string; readonly value: string }[];

/** How many rows claim a key anew, no more, or with another value. */
function changedClaims(before: Claims, after: Claims): number {
  const values = new Map(before.map(({ row, value }) => [row, value]));
  let changes = 0;
  for (const { row, value } of after) {
    if (values.get(row) !== value) changes++;
    values.delete(row);
  }
  return changes + values.size;
}
