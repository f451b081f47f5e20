import { causeChain } from "../kernel/cause-chain.ts";

/**
 * How long an error asks to be left alone, in milliseconds: its `retryAfterMs`, or the `Retry-After` of the HTTP
 * answer that it carries, wherever the clients in use put that. Null where it asks for nothing.
 */
export function retryAfterMs(error: unknown, now: number): number | null {
  for (const { retryAfterMs: own, headers, responseHeaders, response } of causeChain(error)) {
    if (typeof own === "number" && own >= 0) return own;
    for (const given of [headers, responseHeaders, headersOf(response)]) {
      const asked = askedBy(given, now);
      if (asked !== null) return asked;
    }
  }
  return null;
}

function headersOf(response: unknown): unknown {
  return (response as { readonly headers?: unknown } | null | undefined)?.headers;
}

function askedBy(headers: unknown, now: number): number | null {
  const ms = Number(headerOf(headers, "retry-after-ms") ?? Number.NaN);
  if (ms >= 0) return ms;
  const text = headerOf(headers, "retry-after");
  if (text === null) return null;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** A header of a `Headers`, of a `Map` or of a plain object, whose names may have any case; null where it says nothing. */
function headerOf(headers: unknown, name: string): string | null {
  if (typeof headers !== "object" || headers === null) return null;
  if ("get" in headers && typeof headers.get === "function") return textOf(headers.get(name));
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return textOf(entry?.[1]);
}

function textOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const text = typeof first === "string" || typeof first === "number" ? String(first).trim() : "";
  return text === "" ? null : text;
}
