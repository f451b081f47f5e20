import { SluiceError } from "../errors/index.ts";
import { isTransient } from "./retry.ts";

/** Errors that say that no other row would fare better. */
export const unavailableCodes: ReadonlySet<string> = new Set([
  "target-unavailable",
  "target-prepare-failed",
  "mutate-timeout",
  "store-fenced",
]);

/** Whether an error of `mutate` says that no other row would fare better. */
export function isUnavailable(error: SluiceError): boolean {
  return unavailableCodes.has(error.code) || isTransient(error);
}

/** The time of the lease is over: nothing may be written any more, and nothing said of what was read. */
export function lostFlow(): SluiceError {
  return new SluiceError("store-fenced", "the time of the flow's lease ran out: another may hold it by now", {
    hint: "Run it again. What may have been written meanwhile is put right by the next update.",
  });
}
