import type { FlowId, Lease, LeaseHolder, LeaseRequest } from "../../contracts/state-store.ts";
import { SluiceError } from "../../errors/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { MemoryState } from "./memory-state.ts";

/** The store that takes a lease. */
export interface Taker {
  readonly clock: Clock;
  readonly owner: object;
  /** How long a lease lasts after its last write. */
  readonly leaseMs: number;
}

/** Takes the flow for `by`, waiting for a living holder where the request says so. */
export async function takeLease(
  state: MemoryState,
  by: Taker,
  wanted: LeaseRequest & { readonly flow: FlowId },
): Promise<Lease> {
  let told = false;
  for (;;) {
    wanted.signal?.throwIfAborted();
    if (!state.living.has(by.owner))
      throw new SluiceError("store-closed", "the store was used after close()");
    const holder = livingHolder(state, wanted.flow, by.clock.now());
    if (!holder) return grant(state, by, wanted);
    if (!wanted.wait) throw held(wanted.flow, holder);
    if (!told) wanted.onWait?.(holder);
    told = true;
    await by.clock.sleep(10, wanted.signal);
  }
}

/** Who holds the flow; null when nobody does, or only a store that is gone or let its time run out. */
export function livingHolder(state: MemoryState, flow: FlowId, now: number): LeaseHolder | null {
  const holder = state.flows.get(flow)?.holder;
  return holder && state.living.has(holder.by) && now < holder.until ? holder.who : null;
}

function grant(
  state: MemoryState,
  by: Taker,
  { flow: id, purpose }: { readonly flow: FlowId; readonly purpose: string },
): Lease {
  const flow = state.flow(id);
  const number = Math.max(flow.number + 1, Math.floor(by.clock.now()));
  flow.number = number;
  const who = { pid: 0, host: "memory", purpose, since: by.clock.now() };
  flow.holder = { number, by: by.owner, who, until: by.clock.now() + by.leaseMs };
  return {
    number,
    generation: flow.generation,
    holds: () => flow.holder?.number === number && by.clock.now() < flow.holder.until,
    async release() {
      if (flow.holder?.number === number) flow.holder = null;
    },
  };
}

function held(flow: FlowId, holder: LeaseHolder): SluiceError {
  const since = new Date(holder.since).toISOString();
  return new SluiceError("flow-held", `flow ${flow} is held for ${holder.purpose} since ${since}`, {
    hint: "Wait for it to finish with --wait, or stop it.",
    where: { flow },
  });
}
