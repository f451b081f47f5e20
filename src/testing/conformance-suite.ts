import { messageOf } from "../errors/index.ts";

/** One case of a suite: a name and what must not reject. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

/** A case that a suite does not have, for want of something that it needs. */
export interface LeftOutCase {
  readonly name: string;
  /** What is missing: a capability that is not declared, an option that is not given. */
  readonly why: string;
}

/** The cases of a suite, each named after the rule that it checks. */
export interface ConformanceSuite extends ReadonlyArray<ConformanceCase> {
  /** What is not checked, and why. */
  readonly leftOut: readonly LeftOutCase[];
}

/** Rules by name, each with what checks it on a bench of its own. */
export type Rules<Bench> = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

/** Rules that hold, or do not apply, together. */
export interface RuleGroup<Bench> {
  /** Why the group is left out; null where it applies. */
  readonly leftOut: string | null;
  readonly rules: Rules<Bench>;
}

/** That a kit cannot do its work with the options that it was given: no fault of what is tested. */
export class UnusableOptions extends Error {
  override readonly name = "UnusableOptions";
}

/** Fails a check, saying what was seen. */
export function broken(seen: string): never {
  throw new Error(seen);
}

/** Makes cases of rules. `withBench` gives a check a new bench and clears it away afterwards. */
export function suiteOf<Bench>(
  groups: readonly RuleGroup<Bench>[],
  withBench: (check: (bench: Bench) => Promise<void>) => Promise<void>,
): ConformanceSuite {
  const cases: ConformanceCase[] = [];
  const leftOut: LeftOutCase[] = [];
  for (const group of groups) {
    for (const [name, check] of Object.entries(group.rules)) {
      if (group.leftOut !== null) leftOut.push({ name, why: group.leftOut });
      else cases.push({ name, run: () => hold(name, () => withBench(check)) });
    }
  }
  return Object.assign(cases, { leftOut });
}

/** Whatever goes wrong is said together with the rule, since a test runner may print nothing but the message. */
async function hold(rule: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    const how = thrown instanceof UnusableOptions ? "could not be checked" : "is broken";
    throw new Error(`the rule "${rule}" ${how}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
