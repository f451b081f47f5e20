/** What is wrong: the kind stays the same while a case is made smaller. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly text: string;
}

export type ProblemKind =
  /** An update never ends. */
  | "hangs"
  /** Something that no engine may do, whatever goes wrong: see `world/work.ts`. */
  | "violation"
  /** Nothing was in the way, and yet it is not clean. */
  | "not clean"
  /** Deletions are held that should not be, or not held that should. */
  | "held"
  /** After a clean update a target is not what the model says. */
  | "target"
  /** After any update a target holds what nothing in doubt yields, or lacks what all of it yields. */
  | "doubt"
  /** A build from nothing is not what the model says. */
  | "rebuild"
  /** A further update did something. */
  | "further work"
  | "needless read"
  | "needless call"
  | "needless write"
  /** A row was taken away and put back. */
  | "gap"
  /** The store keeps what belongs to nothing. */
  | "orphan setup"
  | "orphan row"
  | "orphan failure"
  | "orphan owner"
  | "orphan result"
  | "orphan doubt"
  /** A live update ended, and nothing had asked it to. */
  | "ended"
  /** A live update has not come to rest long after everything that happened to it. */
  | "restless"
  /** A change was acknowledged that is not durable, or twice; or it never was. */
  | "acknowledged"
  /** What a live update says of itself is not so. */
  | "stats"
  /** A live update has left something behind. */
  | "leak"
  /** Something was rejected that nobody waited for. */
  | "unhandled"
  /** Something threw that is not the engine's to throw: the simulator itself is broken. */
  | "thrown";

/** For what runs on its own and is to tell what it throws. */
export async function thrownAsProblem(run: Promise<Problem | null>): Promise<Problem | null> {
  return run.catch((thrown: unknown) => problem("thrown", describeThrown(thrown)));
}

/** With the stack, and all that caused it. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { stack, message, cause } = thrown;
  return `${stack ?? message}${cause ? `: ${describeThrown(cause)}` : ""}`;
}

export function problem(kind: ProblemKind, text: string): Problem {
  return { kind, text };
}
