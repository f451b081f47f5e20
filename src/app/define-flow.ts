import { captureCallSite } from "../contracts/call-site.ts";
import { buildFlow, type FlowBuilder, type Synchronous } from "../flow/index.ts";
import { appDirectoryOf } from "./app-directory.ts";
import { codeDigest } from "./code-digest.ts";
import { Flow } from "./flow.ts";
import { FlowPlans } from "./flow-plans.ts";
import { definedFlows, registerFlow, unregisterFlow } from "./flow-registry.ts";
import type { VerbOptions } from "./verb-options.ts";

/**
 * Defines a flow: its sources, what happens to their rows, and where the results go. Runs the body once, on
 * slices that stand for data; no data is read.
 *
 * @throws SluiceError with a code of a definition, naming flow, step and field
 */
export function defineFlow<R>(name: string, body: (flow: FlowBuilder) => R & Synchronous<R>): Flow {
  const callSite = captureCallSite(defineFlow);
  const plans = new FlowPlans(buildFlow(name, body, callSite), codeDigest);
  const flow: Flow = new Flow(plans, appDirectoryOf(callSite), () => unregisterFlow(flow));
  registerFlow(flow);
  return flow;
}

/** Sets up every flow that this process has defined, one after the other. */
export async function setupAllFlows(options: VerbOptions = {}): Promise<void> {
  for (const flow of definedFlows()) await flow.setup(options);
}

/** Drops every flow that this process has defined, one after the other. */
export async function dropAllFlows(options: VerbOptions = {}): Promise<void> {
  for (const flow of definedFlows()) await flow.drop(options);
}
