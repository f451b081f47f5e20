import { countLeftovers, giveUpLeftovers } from "./adopted-rows.ts";
import type { AdoptedTarget, GoneSource } from "./bindings.ts";
import { holdLeftovers } from "./deletion-guard.ts";
import { cleanGoneSource } from "./gone-source.ts";
import type { Run } from "./run.ts";
import type { TargetIndex } from "./target-index.ts";
import type { UpdateOptions } from "./update-options.ts";

/**
 * Whether everybody has had the chance to claim what is up for removal: a renamed source that cannot be listed, or
 * whose rows fail, must not find its target empty when it recovers.
 */
export function isWhole(run: Run, open: readonly { readonly complete: boolean }[]): boolean {
  return (
    open.length === run.plan.sources.length &&
    open.every(({ complete }) => complete) &&
    run.failedAnew.size === 0
  );
}

/** What is there of what nobody defines any more. */
export interface Remains {
  readonly gone: readonly GoneSource[];
  readonly adopted: readonly AdoptedTarget[];
}

export interface CleanUp {
  readonly run: Run;
  readonly targets: TargetIndex;
  readonly options: UpdateOptions;
  readonly remains: Remains;
}

/**
 * What sources that left had yielded, and what adopted backends held before, goes where nobody yields it now. Resolves
 * to what is dealt with; sources are to be forgotten once what is owed is settled.
 */
export async function cleanUp({ run, targets, options, remains }: CleanUp): Promise<Remains> {
  const { rows } = options;
  const gone: GoneSource[] = [];
  for (const source of remains.gone)
    if (await cleanGoneSource(run, source, { targets, rows })) gone.push(source);
  const adopted = rows === null ? await cleanUpAdopted(run, options, remains.adopted) : [];
  return { gone, adopted };
}

async function cleanUpAdopted(
  run: Run,
  options: UpdateOptions,
  adopted: readonly AdoptedTarget[],
): Promise<AdoptedTarget[]> {
  const { bindings, plan } = options;
  const settled: AdoptedTarget[] = [];
  for (const one of adopted) {
    const { target, rows } = one;
    const leftover = await countLeftovers(target, options);
    const { name } = plan.exports[bindings.targets.findIndex(({ id }) => id === target)]!;
    const place = { flow: plan.flow, target: name };
    const held = holdLeftovers(place, { rows, leftover }, run.allowDeletions);
    if (held) {
      run.tally.report({ kind: "deletions-held", ...held });
      continue;
    }
    await giveUpLeftovers(target, options);
    settled.push(one);
  }
  if (settled.length > 0) await options.adoptionsSettled(settled.map(({ target }) => target));
  return settled;
}
