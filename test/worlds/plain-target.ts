import { z } from "zod";
import { defineTarget, type TargetUse } from "../../src/index.ts";

export interface PlainTargetOptions {
  readonly mutate?: () => void | Promise<void>;
  readonly prepare?: () => void;
}

/** A target of which all that matters is how it answers. */
export function plainTarget(kind: string, options: PlainTargetOptions): TargetUse<{ id: string }, unknown> {
  return defineTarget({
    kind,
    spec: z.object({}),
    key: z.object({ id: z.string() }),
    getPersistentKey: () => "it",
    applySetupChange() {},
    mutate() {},
    ...options,
  })({});
}
