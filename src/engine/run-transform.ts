import type { CallPolicies } from "../contracts/call-policy.ts";
import type { Report } from "../contracts/events.ts";
import type { MemoWrite } from "../contracts/state-store.ts";
import { InternalError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { PlannedTransform } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";
import { type Caller, evaluate } from "./evaluate.ts";
import { FunctionCalls } from "./function-calls.ts";
import { Memos } from "./memos.ts";
import type { PreparedUses } from "./prepared-uses.ts";
import { RowCalls } from "./row-calls.ts";

export interface TransformRun {
  readonly transform: PlannedTransform;
  /** A result of a cached function from before; null where there is none. */
  readMemo(memo: Fingerprint): Promise<Uint8Array | null>;
  /** Takes a result that is new. */
  keepMemo(memo: MemoWrite): void;
  readonly prepared: PreparedUses;
  readonly policies: CallPolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** How many inputs are in work at once. */
const inputsAtOnce = 1024;

/** Runs a transform flow for each of these inputs, side by side, so that batches fill. Stops at the first failure. */
export async function runTransform(
  run: TransformRun,
  inputs: readonly Readonly<Record<string, unknown>>[],
): Promise<unknown[]> {
  const calls = functionCalls(run);
  const outputs: unknown[] = [];
  for (let at = 0; at < inputs.length; at += inputsAtOnce) {
    const some = inputs.slice(at, at + inputsAtOnce);
    outputs.push(...(await Promise.all(some.map((input) => runOne(run.transform, calls, input)))));
  }
  return outputs;
}

function functionCalls(run: TransformRun): FunctionCalls {
  const { transform, report } = run;
  const memos = new Memos({
    read: (all) => Promise.all(all.map((memo) => run.readMemo(memo))),
    keep: (memo, stored) => {
      run.keepMemo(memo);
      stored();
    },
    report,
    ignoreStored: () => false,
  });
  return new FunctionCalls({ ...run, functions: transform.functions, memos });
}

/** Its calls go before those of rows, since somebody waits for it. */
async function runOne(
  { scope, slots, functions }: PlannedTransform,
  calls: FunctionCalls,
  row: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const counts = new RowCalls(functions.length, true);
  const caller: Caller = { call: (step, args) => calls.call(step, args, counts) };
  const [result] = await evaluate({ scope, slots, row, caller });
  if (result?.kind !== "named") throw new InternalError("a transform flow yielded nothing");
  return result.value;
}
