import { formatFraction, parseFraction, unreadable } from "./date-time.ts";
import { Misfit } from "./misfit.ts";

/** An exact length of time: `seconds` rounded down, and the nanoseconds above them. */
export interface ExactDuration {
  readonly seconds: number;
  readonly nanos: number;
}

const pattern =
  /^([+-])?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?)?$/;
const maxSeconds = Number.MAX_SAFE_INTEGER - 1;

/** An ISO 8601 duration without years and months; a week is 7 days and a day 24 hours. */
export function parseDuration(text: string): ExactDuration | Misfit {
  const parts = pattern.exec(text);
  if (!parts) return unreadable("a duration like PT1H30M or P2DT0.5S", text);
  const [, sign, years, months, weeks, days, hours, minutes, seconds, fraction = ""] = parts;
  if (years !== undefined || months !== undefined) {
    return new Misfit(
      `${JSON.stringify(text)} has years or months, whose length is not fixed; give days or hours`,
    );
  }
  const nanos = parseFraction(fraction);
  if (nanos instanceof Misfit) return nanos;
  const size =
    BigInt(weeks ?? 0) * 604_800n +
    BigInt(days ?? 0) * 86_400n +
    BigInt(hours ?? 0) * 3_600n +
    BigInt(minutes ?? 0) * 60n +
    BigInt(seconds ?? 0);
  if (size >= BigInt(maxSeconds)) return new Misfit(`${text} is longer than 2^53 seconds`);
  return signed(Number(size), nanos, sign === "-");
}

/** `PT…H…M…S` with hours as the largest unit and a leading minus, as `java.time` and Temporal balance it; `PT0S`. */
export function formatDuration({ seconds, nanos }: ExactDuration): string {
  if (seconds < 0) {
    const size = nanos === 0 ? { seconds: -seconds, nanos } : { seconds: -seconds - 1, nanos: 1e9 - nanos };
    return `-${formatDuration(size)}`;
  }
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = seconds % 60;
  let text = "PT";
  if (hours > 0) text += `${hours}H`;
  if (minutes > 0) text += `${minutes}M`;
  if (rest > 0 || nanos > 0 || text === "PT") text += `${rest}${formatFraction(nanos)}S`;
  return text;
}

/** Whether the duration is in the range that {@link parseDuration} yields. */
export function isDurationInRange({ seconds, nanos }: ExactDuration): boolean {
  return seconds >= -maxSeconds && seconds < maxSeconds && nanos < 1e9;
}

function signed(size: number, nanos: number, negative: boolean): ExactDuration {
  if (!negative || (size === 0 && nanos === 0)) return { seconds: size, nanos };
  return nanos === 0 ? { seconds: -size, nanos } : { seconds: -size - 1, nanos: 1e9 - nanos };
}
