import { Semaphore } from "../kernel/semaphore.ts";
import type { Settings } from "./settings.ts";

interface InFlight {
  readonly rows: Semaphore;
  readonly bytes: Semaphore;
}

const byCapacity = new Map<string, InFlight>();

/** What bounds the rows and bytes in flight of all flows of this process that have the same settings for it. */
export function processLimits({ maxInflightRows, maxInflightBytes }: Settings): InFlight {
  const capacity = `${maxInflightRows} ${maxInflightBytes}`;
  const known = byCapacity.get(capacity) ?? {
    rows: new Semaphore(maxInflightRows),
    bytes: new Semaphore(maxInflightBytes),
  };
  byCapacity.set(capacity, known);
  return known;
}
