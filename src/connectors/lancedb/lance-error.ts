import { isSluiceError, SluiceError } from "../../errors/index.ts";

const unreachable =
  /was not found|No such file|Permission denied|Access denied|No space left|Read-only file|os error (2|13|28|30)\b|error sending request|connection (refused|reset|closed)|timed out|dns error/i;

/** An error of LanceDB; where no other row would fare better, it says so. Its long places in sources are left out. */
export function lanceError(thrown: unknown, what: string): SluiceError {
  if (isSluiceError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const short = message.replace(/,? ?\/\S*\.cargo\/\S+/g, "").slice(0, 500);
  const isDown = unreachable.test(message);
  return new SluiceError(isDown ? "target-unavailable" : "mutate-failed", `${what}: ${short}`, {
    ...(isDown && {
      hint: "See that the database is there and may be written to; run setup where its table was removed.",
    }),
    cause: thrown,
  });
}

/** Whether a table, or the whole database, is not there. */
export function isMissingTable(thrown: unknown): boolean {
  return thrown instanceof Error && /was not found/i.test(thrown.message);
}

/** Whether another writer was faster. */
export function isConflict(thrown: unknown): boolean {
  return thrown instanceof Error && /conflict/i.test(thrown.message);
}
