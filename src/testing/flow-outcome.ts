import type { UpdateInfo } from "../contracts/events.ts";
import { broken } from "./conformance-suite.ts";

/** Fails unless the update did all that it was to do. */
export function expectOk(info: UpdateInfo, what: string): UpdateInfo {
  if (info.ok) return info;
  const errors = [...info.failures, ...info.incomplete, ...info.held].map(({ error }) => error.message);
  return broken(`${what} did not land every row: ${errors.slice(0, 3).join("; ")}`);
}
