import type { z } from "zod";
import type { ValueSchema } from "../contracts/schema.ts";
import { type ConformanceSuite, suiteOf } from "./conformance-suite.ts";
import { SourceBench, type SourceRuleGroup, type SourceRules } from "./source-bench.ts";
import type { SourceConformanceOptions } from "./source-conformance-options.ts";
import { sourceFlowRules, sourceRenameRules, sourceTouchRules } from "./source-flow-rules.ts";
import { sourceLifecycleRules } from "./source-lifecycle-rules.ts";
import {
  sourceListingRules,
  sourceOrderRules,
  sourceUnreachableRules,
  sourceUnreadableRules,
} from "./source-listing-rules.ts";
import { sourceListedValueRules, sourceValueRules } from "./source-value-rules.ts";
import { sourceContentVersionRules, sourceOrdinalRules, sourceVersionRules } from "./source-version-rules.ts";

/**
 * The cases that a source must pass, for any test runner: each is named after the rule that it checks, works at a
 * place that nothing else uses, and compares what the source yields with what was written outside. `leftOut` of the
 * result lists the rules that are not checked, for want of a capability or of an option, and why.
 *
 * @example
 * const suite = sourceConformance({
 *   source: ({ name }) => localFiles({ path: name }),
 *   key: z.object({ filename: z.string().regex(/^[a-z0-9-]{1,80}$/) }),
 *   value: z.object({ content: z.string() }),
 *   capabilities: { ordered: true, versions: true },
 *   outside: {
 *     create: ({ name, appDirectory }) => mkdirSync(join(appDirectory, name)),
 *     write: ({ name, appDirectory }, { filename }, { content }) =>
 *       writeFileSync(join(appDirectory, name, filename), content),
 *     remove: ({ name, appDirectory }, { filename }) => rmSync(join(appDirectory, name, filename)),
 *   },
 * });
 * for (const { name, run } of suite) test(name, run);
 */
export function sourceConformance<K extends ValueSchema, V extends z.ZodObject>(
  options: SourceConformanceOptions<K, V>,
): ConformanceSuite {
  const erased = options as SourceConformanceOptions;
  return suiteOf(groupsFor(erased), (check) => SourceBench.with(erased, check));
}

function groupsFor({ capabilities = {}, outside }: SourceConformanceOptions): readonly SourceRuleGroup[] {
  const { ordered, providesOrdinal, versions, listsValues } = capabilities;
  const given = (name: keyof typeof outside) => (outside[name] ? null : `\`outside.${name}\` was not given`);
  const declared = (has: boolean | undefined, what: string) => (has ? null : `the source has no ${what}`);
  const anyVersion = declared(versions || providesOrdinal, "versions and no ordinals");
  const always = (rules: SourceRules) => ({ leftOut: null, rules });
  return [
    ...[sourceListingRules, sourceValueRules].map(always),
    { leftOut: declared(ordered, "order"), rules: sourceOrderRules },
    { leftOut: declared(listsValues, "values in its listings"), rules: sourceListedValueRules },
    { leftOut: anyVersion, rules: sourceVersionRules },
    { leftOut: declared(versions, "versions"), rules: sourceContentVersionRules },
    { leftOut: declared(providesOrdinal, "ordinals"), rules: sourceOrdinalRules },
    always(sourceLifecycleRules),
    { leftOut: given("makeUnreadable"), rules: sourceUnreadableRules },
    { leftOut: given("makeUnreachable"), rules: sourceUnreachableRules },
    always(sourceFlowRules),
    { leftOut: given("touch"), rules: sourceTouchRules },
    { leftOut: given("rename"), rules: sourceRenameRules },
  ];
}
