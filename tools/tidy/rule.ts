import type { Finding } from "../project/finding.ts";
import type { ParsedFile } from "../project/source-tree.ts";
import type { Allowances } from "./allowances.ts";

/** The project as the rules see it. */
export interface TidyProject {
  readonly root: string;
  /** Tracked files and those about to be, fixtures left out. */
  readonly files: readonly string[];
  /** The `.ts` files among them, parsed. */
  readonly modules: readonly ParsedFile[];
  readonly allowances: Allowances;
  /** The text of a file; throws when it cannot be read. */
  read(path: string): string;
}

/** A rule of style that the linter cannot express. */
export interface TidyRule {
  readonly name: string;
  /** Shown with every finding: a rule without a reason is a habit. */
  readonly reason: string;
  check(project: TidyProject): Untidiness[];
}

/** What a rule found; its name and reason are added for it. */
export type Untidiness = Omit<Finding, "rule">;
