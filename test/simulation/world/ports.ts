import type { Clock } from "../../../src/index.ts";
import { SluiceError } from "../../../src/index.ts";
import type { Fault, FaultKind, PortName } from "../case.ts";
import { Work } from "./work.ts";

export interface PortsOptions {
  readonly jitter: number;
  readonly clock: Clock;
  /** Ends the process; does not return where that is real. */
  end(): void;
}

/** What is in the way of one run. */
export interface Obstacles {
  /** What goes wrong in the n-th call of a port, from 1. */
  faultAt(port: PortName, nth: number): Fault | null;
  /** Tells the run to stop. */
  stop(): void;
}

/** Faults of the n-th call of each port, as a history names them. */
export function faultsOf(faults: readonly Fault[]): Obstacles["faultAt"] {
  return (port, n) =>
    faults.find(({ port: at, nth, times = 1 }) => at === port && n >= nth && n < nth + times) ?? null;
}

/** What a call does to the world; `part` of it only, where that is a number; in another way, where the fault says so. */
export type Effect<T> = (part: number | null, how: FaultKind | null) => T;

/** Everything that the engine calls in the outside world goes through here, and may go wrong. */
export class Ports {
  work = new Work();
  /** What took effect of the faults. */
  struck: Fault[] = [];
  /** Calls so far: that it does not grow is how an update that hangs is known. */
  calls = 0;
  readonly #options: PortsOptions;
  #obstacles: Obstacles = { faultAt: () => null, stop: () => {} };
  #counts = new Map<PortName, number>();
  #ended = false;

  constructor(options: PortsOptions) {
    this.#options = options;
  }

  /** Forgets what was, and counts anew. */
  begin(obstacles: Obstacles): void {
    this.#obstacles = obstacles;
    this.#counts = new Map();
    this.work = new Work();
    this.struck = [];
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** One call of a port: at once where nothing is in its way. */
  pass<T>(port: PortName, effect: Effect<T>): T | Promise<Awaited<T>> {
    const { fault, delayMs } = this.arrive(port);
    if (fault === null && delayMs === 0) return effect(null, null);
    return this.#passSlowly(fault, delayMs, effect);
  }

  /** Counts a call, and says what stands in its way. Throws where the process has ended. */
  arrive(port: PortName): { readonly fault: Fault | null; readonly delayMs: number } {
    this.#throwIfEnded();
    this.calls++;
    const n = (this.#counts.get(port) ?? 0) + 1;
    this.#counts.set(port, n);
    const { jitter } = this.#options;
    const fault = this.#obstacles.faultAt(port, n);
    if (fault) this.struck.push(fault);
    return { fault, delayMs: jitter === 0 ? 0 : delayOf(jitter, port, n) };
  }

  /** Waits, on the simulated clock. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await this.#options.clock.sleep(ms);
    this.#throwIfEnded();
  }

  /** The process ends here. */
  end(): never {
    this.#ended = true;
    this.#options.end();
    throw processEnded();
  }

  stop(): void {
    this.#obstacles.stop();
  }

  async #passSlowly<T>(fault: Fault | null, delayMs: number, effect: Effect<T>): Promise<Awaited<T>> {
    await this.wait(fault?.how === "slow" ? slowMs : delayMs);
    if (fault === null) return await effect(null, null);
    switch (fault.how) {
      case "slow":
      case "ahead":
        return await effect(null, fault.how);
      case "stops":
        this.stop();
        return await effect(null, fault.how);
      case "fails":
      case "incomplete":
        throw new Error(`${fault.port} failed`);
      case "busy":
        throw Object.assign(new Error(`${fault.port} is busy`), { transient: true });
      case "unavailable":
        throw new SluiceError("target-unavailable", `${fault.port} is down`);
      case "fails-after":
        await effect(null, fault.how);
        throw new Error(`${fault.port} failed after it was done`);
      case "partly":
        await effect(fault.part ?? 0, fault.how);
        throw new Error(`${fault.port} failed half-way`);
      case "hangs":
        await effect(fault.part ?? 0, fault.how);
        return await new Promise<never>(() => {});
      case "ends":
        return this.end();
      case "ends-after":
        await effect(fault.part ?? null, fault.how);
        return this.end();
    }
  }

  #throwIfEnded(): void {
    if (this.#ended) throw processEnded();
  }
}

/** How long a slow call takes. */
export const slowMs = 20_000;

function processEnded(): Error {
  return new Error("the process has ended");
}

/** None for most calls; a millisecond or a few for others, in a pattern that the number stands for. */
function delayOf(jitter: number, port: PortName, n: number): number {
  let mixed = Math.imul(jitter ^ Math.imul(n, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(port.length, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed ^= mixed >>> 13;
  return (mixed & 3) === 0 ? (mixed >>> 8) & 3 : 0;
}
