import { SluiceError } from "../errors/index.ts";
import type { Flow } from "./flow.ts";

const place = Symbol.for("sluice.flows");

/** The flows of this process by name, shared by every copy of the package in it. */
function registry(): Map<string, Flow> {
  const holder = globalThis as { [place]?: Map<string, Flow> };
  holder[place] ??= new Map();
  return holder[place];
}

/** The flows that are defined in this process, in the order of their definition. */
export function definedFlows(): readonly Flow[] {
  return [...registry().values()];
}

export function registerFlow(flow: Flow): void {
  if (registry().has(flow.name)) {
    throw new SluiceError("flow-duplicate", `two flows are named ${flow.name}`, {
      where: { flow: flow.name },
      hint: "Name each flow differently; to define one anew, call close() on the first.",
    });
  }
  registry().set(flow.name, flow);
}

export function unregisterFlow(flow: Flow): void {
  if (registry().get(flow.name) === flow) registry().delete(flow.name);
}
