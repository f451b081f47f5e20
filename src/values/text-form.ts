import { type ByteReader, damaged } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { lastDay } from "./calendar.ts";
import * as dateTime from "./date-time.ts";
import { formatDuration, isDurationInRange, parseDuration } from "./exact-duration.ts";
import { Misfit } from "./misfit.ts";
import {
  readSafeInt,
  readUint24,
  readUint48,
  writeSafeInt,
  writeUint24,
  writeUint48,
} from "./ordered-number.ts";

/** The kinds whose values are text of a fixed form. */
export type TextKind = "uuid" | "date" | "time" | "localDateTime" | "offsetDateTime" | "duration";

/**
 * What there is to know of one such kind. Its bytes have a fixed length and their order is the order of the values:
 * time for dates and times (by instant, then by offset, where there is one), length for durations.
 */
export interface TextForm {
  /** The one text that stands for the value, or why it has none. */
  canonical(text: string): string | Misfit;
  /** Writes the bytes of a value, or says why it has none. */
  write(writer: ByteWriter, text: string): Misfit | null;
  read(reader: ByteReader): string;
}

function textForm<Parsed>(form: {
  parse(text: string): Parsed | Misfit;
  format(value: Parsed): string;
  write(writer: ByteWriter, value: Parsed): void;
  read(reader: ByteReader): Parsed;
}): TextForm {
  return {
    canonical(text) {
      const parsed = form.parse(text);
      return parsed instanceof Misfit ? parsed : form.format(parsed);
    },
    write(writer, text) {
      const parsed = form.parse(text);
      if (parsed instanceof Misfit) return parsed;
      form.write(writer, parsed);
      return null;
    },
    read: (reader) => form.format(form.read(reader)),
  };
}

const uuidPattern = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

const uuid = textForm<string>({
  parse: (text) =>
    uuidPattern.test(text)
      ? text.toLowerCase()
      : dateTime.unreadable("a UUID like 123e4567-e89b-12d3-a456-426614174000", text),
  format: (text) => text,
  write(writer, text) {
    const digits = text.replaceAll("-", "");
    const at = writer.claim(16);
    for (let i = 0; i < 16; i++) writer.bytes[at + i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  },
  read(reader) {
    const at = reader.claim(16);
    let text = "";
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
      text += reader.bytes[at + i]!.toString(16).padStart(2, "0");
    }
    return text;
  },
});

const date = textForm<number>({
  parse: dateTime.parseDate,
  format: dateTime.formatDate,
  write: writeUint24,
  read: readDays,
});

const time = textForm<number>({
  parse: dateTime.parseTime,
  format: dateTime.formatTime,
  write: writeUint48,
  read: readNanosOfDay,
});

const localDateTime = textForm<dateTime.LocalDateTime>({
  parse: dateTime.parseLocalDateTime,
  format: dateTime.formatLocalDateTime,
  write(writer, { days, nanos }) {
    writeUint24(writer, days);
    writeUint48(writer, nanos);
  },
  read: (reader) => ({ days: readDays(reader), nanos: readNanosOfDay(reader) }),
});

const nanosPerMinute = 60_000_000_000;
const minutesPerDay = 1_440;

/** The instant in UTC comes first, its day raised by one because it may fall before the first local one. */
const offsetDateTime = textForm<dateTime.OffsetDateTime>({
  parse: dateTime.parseOffsetDateTime,
  format: dateTime.formatOffsetDateTime,
  write(writer, { days, nanos, offsetMinutes }) {
    const utc = shift({ days, nanos }, -offsetMinutes);
    writeUint24(writer, utc.days + 1);
    writeUint48(writer, utc.nanos);
    const at = writer.claim(2);
    writer.view.setUint16(at, offsetMinutes + minutesPerDay);
  },
  read(reader) {
    const utc = { days: readUint24(reader) - 1, nanos: readNanosOfDay(reader) };
    const offsetMinutes = reader.view.getUint16(reader.claim(2)) - minutesPerDay;
    if (Math.abs(offsetMinutes) >= minutesPerDay) throw damaged("an offset is of a day or more");
    const local = shift(utc, offsetMinutes);
    if (local.days < 0 || local.days > lastDay) throw damaged("a date is out of range");
    return { ...local, offsetMinutes };
  },
});

const duration = textForm({
  parse: parseDuration,
  format: formatDuration,
  write(writer, { seconds, nanos }) {
    writeSafeInt(writer, seconds);
    const at = writer.claim(4);
    writer.view.setUint32(at, nanos);
  },
  read(reader) {
    const value = { seconds: readSafeInt(reader), nanos: reader.view.getUint32(reader.claim(4)) };
    if (!isDurationInRange(value)) throw damaged("a duration is out of range");
    return value;
  },
});

export const textForms: Readonly<Record<TextKind, TextForm>> = {
  uuid,
  date,
  time,
  localDateTime,
  offsetDateTime,
  duration,
};

export function isTextKind(kind: string): kind is TextKind {
  return Object.hasOwn(textForms, kind);
}

function readDays(reader: ByteReader): number {
  const days = readUint24(reader);
  if (days > lastDay) throw damaged("a date is out of range");
  return days;
}

function readNanosOfDay(reader: ByteReader): number {
  const nanos = readUint48(reader);
  if (nanos >= dateTime.nanosPerDay) throw damaged("a time is out of range");
  return nanos;
}

function shift({ days, nanos }: dateTime.LocalDateTime, minutes: number): dateTime.LocalDateTime {
  const moved = nanos + minutes * nanosPerMinute;
  const carry = Math.floor(moved / dateTime.nanosPerDay);
  return { days: days + carry, nanos: moved - carry * dateTime.nanosPerDay };
}
