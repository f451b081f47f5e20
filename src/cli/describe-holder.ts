import type { LeaseHolder } from "../app/events.ts";
import { formatSpan } from "./format-number.ts";
import { localTime } from "./timestamp.ts";

/** `process 1234 on example (update, since 2026-01-31 12:00:03, 5.0 s ago)`. */
export function describeHolder({ pid, host, purpose, since }: LeaseHolder, now: number): string {
  const ago = formatSpan(Math.max(0, now - since));
  return `process ${pid} on ${host} (${purpose}, since ${localTime(since)}, ${ago} ago)`;
}
