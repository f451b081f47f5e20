import type { Fingerprint } from "../values/fingerprint.ts";
import type { FunctionDefinition } from "./function.ts";

/** What is known of a function's code. */
export interface FunctionCode {
  /** A digest of all the code that the function reaches, the same under every loader. */
  readonly fingerprint: Fingerprint;
  /** `name@version` of the packages that it reaches, sorted; for show. */
  readonly packages: readonly string[];
}

/**
 * Finds the code of functions that have no `version`. Made outside the pure layers, since it reads source
 * files. Throws `function-source-missing` where the code cannot be followed.
 */
export interface CodeDigest {
  of(definition: FunctionDefinition): FunctionCode;
}
