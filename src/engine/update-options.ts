import type { CallPolicies } from "../contracts/call-policy.ts";
import type { Report } from "../contracts/events.ts";
import type { Fence, FlowId, SourceId, StateStore, TargetId } from "../contracts/state-store.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Semaphore } from "../kernel/semaphore.ts";
import type { Plan } from "../plan/index.ts";
import type { Bindings, GoneSource } from "./bindings.ts";
import type { AllowedDeletions } from "./deletion-guard.ts";
import type { MemosInUse } from "./memos-in-use.ts";
import type { Forcing } from "./run.ts";

/** What bounds the memory and the patience of an update. */
export interface UpdateLimits {
  /** Rows and bytes in flight, shared with whatever else the process updates. */
  readonly rows: Semaphore;
  readonly bytes: Semaphore;
  readonly mutateTimeoutMs: number;
  /** How long a call of a target may still take once the update is to stop. */
  readonly stopTimeoutMs: number;
}

export interface UpdateOptions {
  readonly plan: Plan;
  readonly flow: FlowId;
  readonly bindings: Bindings;
  /** As it is at the time of a write. */
  fence(): Fence;
  /** Records that the owner indexes are made, and settled for the present order of sources. */
  ownersKeptUp(): Promise<void>;
  /** Whether the flow is still held. */
  holds(): boolean;
  /** Only these rows, by their encoded keys, in place of all that the sources list; nothing else is deleted. */
  readonly rows: ((source: SourceId) => AsyncIterable<Uint8Array>) | null;
  /** Forgets sources whose rows were all removed. */
  forgetSources(sources: readonly GoneSource[]): Promise<void>;
  /** Records that what these adopted targets held before, and nobody yields, is on its way out. */
  adoptionsSettled(targets: readonly TargetId[]): Promise<void>;
  readonly store: StateStore;
  /** Shared with all that refers to memos, or collects them, in this process. */
  readonly memosInUse: MemosInUse;
  readonly policies: CallPolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly appDirectory: string;
  readonly limits: UpdateLimits;
  readonly forcing: Forcing;
  readonly allowDeletions: AllowedDeletions;
  readonly report: Report;
  readonly signal: AbortSignal;
}
