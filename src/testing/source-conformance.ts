import type { z } from "zod";
import type { ValueSchema } from "../contracts/schema.ts";
import { type ConformanceSuite, suiteOf } from "./conformance-suite.ts";
import { sourceAcknowledgeRules, sourceRedeliveryRules } from "./source-acknowledge-rules.ts";
import { SourceBench, type SourceRuleGroup, type SourceRules } from "./source-bench.ts";
import {
  sourceChangeOrdinalRules,
  sourceChangeRules,
  sourceChangeVersionRules,
  sourceForeignChangeRules,
} from "./source-change-rules.ts";
import type { SourceConformanceOptions } from "./source-conformance-options.ts";
import { sourceFlowRules, sourceRenameRules, sourceTouchRules } from "./source-flow-rules.ts";
import { sourceLifecycleRules } from "./source-lifecycle-rules.ts";
import {
  sourceListingRules,
  sourceOrderRules,
  sourceUnreachableRules,
  sourceUnreadableRules,
} from "./source-listing-rules.ts";
import { sourceLiveRules } from "./source-live-rules.ts";
import { sourceSetupRules } from "./source-setup-rules.ts";
import { sourceListedValueRules, sourceValueRules } from "./source-value-rules.ts";
import { sourceContentVersionRules, sourceOrdinalRules, sourceVersionRules } from "./source-version-rules.ts";
import { sourceHeartbeatRules, sourceWatchEndRules } from "./source-watch-end-rules.ts";
import {
  sourceWatchRenameRules,
  sourceWatchRules,
  sourceWatchUnreachableRules,
} from "./source-watch-rules.ts";

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

type Option = keyof SourceConformanceOptions["outside"];
type Capabilities = NonNullable<SourceConformanceOptions["capabilities"]>;

function groupsFor({ capabilities = {}, outside }: SourceConformanceOptions): readonly SourceRuleGroup[] {
  const { ordered, providesOrdinal, versions, listsValues } = capabilities;
  const given = (name: Option) => (outside[name] ? null : `\`outside.${name}\` was not given`);
  const always = (rules: SourceRules) => ({ leftOut: null, rules });
  return [
    ...[sourceListingRules, sourceValueRules].map(always),
    { leftOut: declared(ordered, "order"), rules: sourceOrderRules },
    { leftOut: declared(listsValues, "values in its listings"), rules: sourceListedValueRules },
    { leftOut: anyVersion(capabilities), rules: sourceVersionRules },
    { leftOut: declared(versions, "versions"), rules: sourceContentVersionRules },
    { leftOut: declared(providesOrdinal, "ordinals"), rules: sourceOrdinalRules },
    always(sourceLifecycleRules),
    { leftOut: given("makeUnreadable"), rules: sourceUnreadableRules },
    { leftOut: given("makeUnreachable"), rules: sourceUnreachableRules },
    always(sourceFlowRules),
    { leftOut: given("touch"), rules: sourceTouchRules },
    { leftOut: given("rename"), rules: sourceRenameRules },
    { leftOut: declared(capabilities.setsUp, "setup") ?? given("needs"), rules: sourceSetupRules },
    ...watchGroups(capabilities, given),
  ];
}

/** The rules of sources that can be watched. */
function watchGroups(
  capabilities: Capabilities,
  given: (name: Option) => string | null,
): readonly SourceRuleGroup[] {
  const { providesOrdinal, watches, heartbeats, redelivers } = capabilities;
  const groups: readonly SourceRuleGroup[] = [
    ...[sourceWatchRules, sourceChangeRules].map((rules) => ({ leftOut: null, rules })),
    { leftOut: given("rename"), rules: sourceWatchRenameRules },
    { leftOut: given("writeForeign"), rules: sourceForeignChangeRules },
    { leftOut: given("makeUnreachable"), rules: sourceWatchUnreachableRules },
    { leftOut: anyVersion(capabilities), rules: sourceChangeVersionRules },
    { leftOut: declared(providesOrdinal, "ordinals"), rules: sourceChangeOrdinalRules },
    { leftOut: null, rules: sourceWatchEndRules },
    { leftOut: declared(heartbeats, "heartbeat of 5 s or less"), rules: sourceHeartbeatRules },
    { leftOut: null, rules: sourceAcknowledgeRules },
    { leftOut: declared(redelivers, "changes that wait to be acknowledged"), rules: sourceRedeliveryRules },
    { leftOut: null, rules: sourceLiveRules },
  ];
  const none = declared(watches, "watcher");
  return groups.map(({ leftOut, rules }) => ({ leftOut: none ?? leftOut, rules }));
}

function declared(has: boolean | undefined, what: string): string | null {
  return has ? null : `the source has no ${what}`;
}

function anyVersion({ versions, providesOrdinal }: Capabilities): string | null {
  return declared(versions || providesOrdinal, "versions and no ordinals");
}
