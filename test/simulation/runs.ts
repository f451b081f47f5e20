import type { Case } from "./case.ts";
import { generateCase } from "./generate/generate-case.ts";

/** The ways in which histories are run. */
export type RunKind = "memory" | "lmdb" | "kills";

export const runKinds: readonly RunKind[] = ["memory", "lmdb", "kills"];

/** The history of a seed, for one way of running it. */
export function caseOf(kind: RunKind, seed: number): Case {
  return generateCase(seed, { store: kind === "memory" ? "memory" : "lmdb", kills: kind === "kills" });
}
