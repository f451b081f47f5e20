import type { Finding } from "../project/finding.ts";

/** Something unused, under the name that the list of the awaited knows it by. */
export interface Unused {
  readonly id: string;
  readonly finding: Finding;
}
