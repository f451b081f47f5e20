import type { CodeDigest } from "../contracts/code-digest.ts";
import type { FlowDefinition } from "../flow/index.ts";
import { compilePlan, type Plan } from "../plan/index.ts";

/**
 * The plans of one flow, by app namespace: it goes into the names of backends, and code may set it after the flow was
 * defined. The first is compiled at once, so that mistakes are errors of the definition.
 */
export class FlowPlans {
  readonly flow: string;
  readonly #definition: FlowDefinition;
  readonly #digest: CodeDigest;
  readonly #compiled = new Map<string, Plan>();

  constructor(definition: FlowDefinition, digest: CodeDigest) {
    this.flow = definition.name;
    this.#definition = definition;
    this.#digest = digest;
    this.in("");
  }

  in(appNamespace: string): Plan {
    const plan =
      this.#compiled.get(appNamespace) ?? compilePlan(this.#definition, this.#digest, appNamespace);
    this.#compiled.set(appNamespace, plan);
    return plan;
  }
}
