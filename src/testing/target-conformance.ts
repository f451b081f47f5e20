import type { z } from "zod";
import type { ValueSchema } from "../contracts/schema.ts";
import { type ConformanceSuite, suiteOf } from "./conformance-suite.ts";
import { TargetBench, type TargetRuleGroup, type TargetRules } from "./target-bench.ts";
import { targetAtomicRules, targetCallRules, targetRefusalRules } from "./target-call-rules.ts";
import { targetChangeGroups } from "./target-change-rules.ts";
import type { TargetConformanceOptions } from "./target-conformance-options.ts";
import { targetFenceRules } from "./target-fence-rules.ts";
import { targetFlowRefusalRules, targetFlowRules } from "./target-flow-rules.ts";
import { targetIdentityRules } from "./target-identity-rules.ts";
import { targetReadBackRules } from "./target-read-back-rules.ts";
import { targetForeignRules, targetSetupRules } from "./target-setup-rules.ts";
import { targetValueRules } from "./target-value-rules.ts";
import { targetWriteRules } from "./target-write-rules.ts";

/**
 * The cases that a target must pass, for any test runner: each is named after the rule that it checks, works on
 * backends that nothing else uses, and compares what the outside system holds with what it should. `leftOut` of the
 * result lists the rules that are not checked, for want of a capability or of an option, and why.
 *
 * @example
 * const suite = targetConformance({
 *   target: ({ name }) => htmlFiles({ directory: name }),
 *   key: z.object({ filename: z.string().regex(/^[a-z0-9-]{1,80}$/) }),
 *   value: z.object({ html: z.string() }),
 *   readBack: ({ name, appDirectory }) => readHtmlFiles(join(appDirectory, name)),
 * });
 * for (const { name, run } of suite) test(name, run);
 */
export function targetConformance<K extends ValueSchema, V extends z.ZodObject>(
  options: TargetConformanceOptions<K, V>,
): ConformanceSuite {
  const erased = options as TargetConformanceOptions;
  return suiteOf(groupsFor(erased), (check) => TargetBench.with(erased, check));
}

function groupsFor(options: TargetConformanceOptions): readonly TargetRuleGroup[] {
  const { atomic = false, fenced = false, readBack = false } = options.capabilities ?? {};
  const noRefused = options.refused ? null : "`refused`, a row that the backend refuses, was not given";
  const always = (rules: TargetRules) => ({ leftOut: null, rules });
  const declared = (has: boolean, name: string) => (has ? null : `the target does not declare ${name}`);
  return [
    ...[targetIdentityRules, targetSetupRules].map(always),
    { leftOut: options.foreign ? null : "`foreign` was not given", rules: targetForeignRules },
    ...targetChangeGroups(options),
    ...[targetWriteRules, targetValueRules, targetCallRules].map(always),
    { leftOut: noRefused, rules: targetRefusalRules },
    { leftOut: declared(atomic, "atomic") ?? noRefused, rules: targetAtomicRules },
    { leftOut: declared(fenced, "fenced"), rules: targetFenceRules },
    { leftOut: declared(readBack, "readBack"), rules: targetReadBackRules },
    always(targetFlowRules),
    { leftOut: noRefused, rules: targetFlowRefusalRules },
  ];
}
