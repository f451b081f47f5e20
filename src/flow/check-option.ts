import { parseTimeSpan, type TimeSpan } from "../kernel/time-span.ts";
import { nameHint } from "./closest-name.ts";
import { definitionError, type FlowDraft } from "./flow-draft.ts";

/** The options given to a step, each of which must be one that it has. */
export function checkOptionNames<Name extends string>(
  flow: FlowDraft,
  step: string,
  options: unknown,
  names: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  if (options === undefined) return {} as Readonly<Partial<Record<Name, unknown>>>;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw definitionError(flow, "option-invalid", `${step}: the options are no object`, { step });
  }
  const unknown = Object.keys(options).find((name) => !(names as readonly string[]).includes(name));
  if (unknown === undefined) return options as Readonly<Partial<Record<Name, unknown>>>;
  throw definitionError(flow, "option-invalid", `${step} has no option ${unknown}`, {
    step,
    hint: nameHint(unknown, names, "It has"),
  });
}

/** A whole number above 0, or null where none is given. */
export function countOption(flow: FlowDraft, step: string, option: string, count: unknown): number | null {
  if (count === undefined) return null;
  if (typeof count === "number" && Number.isSafeInteger(count) && count > 0) return count;
  const message = `${step}: ${option} must be a whole number above 0, not ${String(count)}`;
  throw definitionError(flow, "option-invalid", message, { step });
}

/** A time span above 0 in milliseconds, or null where none is given. */
export function timeSpanOption(flow: FlowDraft, step: string, option: string, span: unknown): number | null {
  if (span === undefined) return null;
  const fits = typeof span === "number" || typeof span === "string";
  const spanMs = fits ? parseTimeSpan(span as TimeSpan) : null;
  if (spanMs !== null && spanMs > 0) return spanMs;
  throw definitionError(flow, "option-invalid", `${step}: ${option} is no time span: ${String(span)}`, {
    step,
    hint: 'Say "5s", "1m30s", "2h", or milliseconds as a number; never 0.',
  });
}
