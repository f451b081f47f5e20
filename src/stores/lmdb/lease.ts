import { randomUUID } from "node:crypto";
import type { FlowId, Lease, LeaseHolder, LeaseRequest } from "../../contracts/state-store.ts";
import { SluiceError } from "../../errors/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Environment } from "./environment.ts";
import { putFlow, readFlow, readOrMakeFlow, type StoredHolder } from "./flow-record.ts";
import { judge, ownIdentity } from "./process-identity.ts";

const firstPauseMs = 20;
const longestPauseMs = 1_000;

type Taken = { readonly lease: Lease } | { readonly holder: StoredHolder };

/** Takes the flow's lease: from nobody, from a process that is dead, or from one that was waited for. */
export async function acquireLease(
  environment: Environment,
  request: LeaseRequest & { readonly flow: FlowId },
  clock: Clock,
): Promise<Lease> {
  for (let pauseMs = firstPauseMs, told = false; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    request.signal?.throwIfAborted();
    const holder = readHolder(environment, request);
    const taken: Taken = holder
      ? { holder }
      : await environment.queue.add(() => take(environment, request, clock));
    if ("lease" in taken) return taken.lease;
    if (!request.wait) throw held(request.flow, taken.holder);
    if (!told) request.onWait?.(forPeople(taken.holder));
    told = true;
    await clock.sleep(pauseMs, request.signal);
  }
}

/** Who holds the flow, as far as is known. */
export function leaseHolder(environment: Environment, flow: FlowId): LeaseHolder | null {
  const holder = readHolder(environment, { flow });
  return holder && forPeople(holder);
}

/** The holder that stands in the way of a request. */
function readHolder(
  { tree, file }: Environment,
  { flow, takeOver = false }: { readonly flow: FlowId; readonly takeOver?: boolean },
): StoredHolder | null {
  tree.refresh();
  const holder = readFlow(tree, file, flow)?.holder;
  if (!holder) return null;
  const verdict = judge(holder);
  return verdict === "dead" || (verdict === "unknown" && takeOver) ? null : holder;
}

function take(
  environment: Environment,
  request: LeaseRequest & { readonly flow: FlowId },
  clock: Clock,
): Taken {
  const { tree, file } = environment;
  const holder = readHolder(environment, request);
  if (holder) return { holder };
  const record = readOrMakeFlow(tree, file, request.flow);
  const number = Math.max(record.leaseNumber + 1, Math.floor(clock.now()));
  const nonce = randomUUID();
  const mine = { ...ownIdentity(), purpose: request.purpose, since: clock.now(), nonce };
  putFlow(tree, { ...record, leaseNumber: number, holder: mine });
  let released = false;
  const release = () => {
    released = true;
    return environment.queue.add(() => giveBack(environment, request.flow, nonce));
  };
  return { lease: { number, generation: record.generation, holds: () => !released, release } };
}

function giveBack({ tree, file }: Environment, flow: FlowId, nonce: string): void {
  const record = readFlow(tree, file, flow);
  if (record?.holder?.nonce === nonce) putFlow(tree, { ...record, holder: null });
}

function held(flow: FlowId, holder: StoredHolder): SluiceError {
  const who = `process ${holder.pid} on ${holder.host} for ${holder.purpose} since ${new Date(holder.since).toISOString()}`;
  const unknown = judge(holder) === "unknown";
  return new SluiceError("flow-held", `flow ${flow} is held by ${who}`, {
    hint: unknown
      ? "Whether that process lives cannot be told from here, as it runs on another machine or in another container. Wait for it with --wait, or, when it is gone for good, take the flow over with --take-over."
      : "Wait for it to finish with --wait, or stop it.",
    where: { flow },
  });
}

function forPeople({ pid, host, purpose, since }: StoredHolder): LeaseHolder {
  return { pid, host, purpose, since };
}
