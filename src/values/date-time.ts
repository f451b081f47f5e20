import { dateOfDays, daysOfDate } from "./calendar.ts";
import { Misfit } from "./misfit.ts";

/** A date and time of no zone. */
export interface LocalDateTime {
  /** Days from 0000-01-01. */
  readonly days: number;
  /** Nanoseconds from midnight. */
  readonly nanos: number;
}

/** A date and time with what its clocks are ahead of UTC. */
export interface OffsetDateTime extends LocalDateTime {
  readonly offsetMinutes: number;
}

export const nanosPerDay = 86_400_000_000_000;
const nanosPerSecond = 1_000_000_000;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const timePattern = /^(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?$/;
const offsetPattern = /(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)$/;

/** `YYYY-MM-DD` as days from 0000-01-01. */
export function parseDate(text: string): number | Misfit {
  const parts = datePattern.exec(text);
  if (!parts) return unreadable("a date like 2024-02-29", text);
  const days = daysOfDate(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  return days ?? new Misfit(`there is no date ${text}`);
}

export function formatDate(days: number): string {
  const { year, month, day } = dateOfDays(days);
  return `${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** `HH:MM[:SS[.fraction]]` as nanoseconds from midnight. */
export function parseTime(text: string): number | Misfit {
  const parts = timePattern.exec(text);
  if (!parts) return unreadable("a time like 23:59:59.5", text);
  const [, hours, minutes, seconds = "0", fraction = ""] = parts;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    return new Misfit(`there is no time ${text}: hours go to 23, minutes and seconds to 59`);
  }
  const nanos = parseFraction(fraction);
  if (nanos instanceof Misfit) return nanos;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * nanosPerSecond + nanos;
}

export function formatTime(nanos: number): string {
  const seconds = Math.floor(nanos / nanosPerSecond);
  const minutes = Math.floor(seconds / 60);
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  return clock + formatFraction(nanos % nanosPerSecond);
}

/** A date, `T` (or `t`, or a space) and a time. */
export function parseLocalDateTime(text: string): LocalDateTime | Misfit {
  if (!/^.{10}[Tt ]/.test(text)) return unreadable("a date and time like 2024-02-29T23:59:59", text);
  if (text.length > 16 && offsetPattern.test(text)) {
    return new Misfit(`${JSON.stringify(text)} has an offset, which a local date and time has not`);
  }
  const days = parseDate(text.slice(0, 10));
  if (days instanceof Misfit) return days;
  const nanos = parseTime(text.slice(11));
  return nanos instanceof Misfit ? nanos : { days, nanos };
}

export function formatLocalDateTime({ days, nanos }: LocalDateTime): string {
  return `${formatDate(days)}T${formatTime(nanos)}`;
}

/** A local date and time followed by `Z`, `±HH:MM`, `±HHMM` or `±HH`. */
export function parseOffsetDateTime(text: string): OffsetDateTime | Misfit {
  const offset = offsetPattern.exec(text.slice(11));
  if (!offset) return unreadable("a date and time with an offset like 2024-02-29T23:59:59Z", text);
  const [suffix, , sign, hours = "0", minutes = "0"] = offset;
  if (Number(hours) > 23 || Number(minutes) > 59) return new Misfit(`there is no offset ${suffix}`);
  const local = parseLocalDateTime(text.slice(0, text.length - suffix.length));
  if (local instanceof Misfit) return local;
  const size = Number(hours) * 60 + Number(minutes);
  return { ...local, offsetMinutes: sign === "-" && size > 0 ? -size : size };
}

export function formatOffsetDateTime(value: OffsetDateTime): string {
  const size = Math.abs(value.offsetMinutes);
  const sign = value.offsetMinutes < 0 ? "-" : "+";
  const offset = size === 0 ? "Z" : `${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
  return formatLocalDateTime(value) + offset;
}

/** The digits after the point as nanoseconds. */
export function parseFraction(digits: string): number | Misfit {
  const significant = digits.replace(/0+$/, "");
  if (significant.length > 9) return new Misfit(`.${digits} is finer than a nanosecond (9 digits)`);
  return Number(significant.padEnd(9, "0"));
}

/** Nanoseconds below a second as `.fraction` without trailing zeros, or nothing. */
export function formatFraction(nanos: number): string {
  return nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
}

export function unreadable(what: string, text: string): Misfit {
  return new Misfit(
    `expected ${what}, got ${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)}`,
  );
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
