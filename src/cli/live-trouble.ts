import type { EngineEvent } from "../app/events.ts";
import { counted, formatSpan } from "./format-number.ts";
import { printableLine } from "./printable.ts";
import { rowFailureText } from "./render-summary.ts";
import { plainStyle } from "./style.ts";

/** How long something is shown that has no end of its own. */
const momentMs = 60_000;

/** Something that goes wrong while a flow is live. */
export interface Trouble {
  /** What it is about: a later trouble of the same takes its place. */
  readonly key: string;
  readonly severity: "error" | "warning";
  /** What would make it the same again, were it told once more. */
  readonly sameness: string;
  /** The key of a trouble that it takes the place of, which is not over for that. */
  readonly replaces: string | null;
  /** On one line; made when it is asked for, since few of many failures are shown. */
  readonly text: () => string;
  /** The command that settles it, where it waits for somebody. */
  readonly command: string | null;
  /** What is said when it is over. */
  readonly overText: string;
  /** How long it is shown, where nothing tells that it is over. */
  readonly passesMs: number | null;
  /** It is one of the rows that fail. */
  readonly ofRow: boolean;
  /** It says why something takes long, which is of no worth later. */
  readonly isFleeting: boolean;
}

type Told<K extends EngineEvent["kind"]> = EngineEvent & { readonly kind: K };

/** Whether an event is trouble. The command is what approves the deletion of so many rows. */
export function troubleOf(event: EngineEvent, approvalOf: (rows: number) => string): Trouble | null {
  switch (event.kind) {
    case "row-failed":
      return failedRow(event);
    case "key-failed":
      return failedKey(event);
    case "deletions-held":
      return heldDeletions(event, approvalOf);
    case "source-incomplete":
      return incompleteListing(event);
    case "target-failed":
      return failedTarget(event);
    case "watch-ended":
      return endedWatcher(event);
    case "watch-degraded":
      return event.error && degradedWatcher(event.source, event.error.message);
    case "changes-missed":
      return missedChanges(event);
    case "acknowledge-failed":
      return failedAcknowledgement(event);
    case "refresh-overrun":
      return overrun(event);
    case "retrying":
      return retry(event);
    default:
      return null;
  }
}

/** The keys of troubles that an event says are over. */
export function endedBy(event: EngineEvent): readonly string[] {
  switch (event.kind) {
    case "row-done":
      return [keys.row(event.source, event.row)];
    case "source-listed":
      // What is still held is said again right after the listing.
      return event.complete
        ? [keys.listing(event.source), keys.missed(event.source), keys.held(event.source)]
        : [];
    case "target-recovered":
      return [keys.target(event.targetKind)];
    case "watch-armed":
      return [keys.watch(event.source)];
    case "watch-degraded":
      return event.error === null ? [keys.degraded(event.source)] : [];
    default:
      return [];
  }
}

const keys = {
  row: (source: string, row: string) => `row ${source} ${row}`,
  held: (what: string) => `held ${what}`,
  listing: (source: string) => `listing ${source}`,
  target: (kind: string) => `target ${kind}`,
  watch: (source: string) => `watch ${source}`,
  degraded: (source: string) => `degraded ${source}`,
  missed: (source: string) => `missed ${source}`,
};

const error = {
  severity: "error",
  replaces: null,
  command: null,
  overText: "",
  passesMs: null,
  ofRow: false,
  isFleeting: false,
} as const;

const warning = { ...error, severity: "warning" } as const;

function failedRow(event: Told<"row-failed">): Trouble {
  return {
    ...error,
    key: keys.row(event.source, event.row),
    sameness: event.error.message,
    text: () => rowFailureText(event, plainStyle),
    overText: `${event.source} ${printableLine(event.row)}: done now`,
    ofRow: true,
  };
}

function failedKey({ target, key, error: { message } }: Told<"key-failed">): Trouble {
  return {
    ...error,
    key: `key ${target} ${key}`,
    sameness: message,
    text: () => `${target} ${printableLine(key)} could not be deleted: ${printableLine(message)}`,
    passesMs: momentMs,
  };
}

function heldDeletions(event: Told<"deletions-held">, approvalOf: (rows: number) => string): Trouble {
  const { source, target, rows } = event;
  const what = source ?? target ?? "";
  return {
    ...error,
    key: keys.held(what),
    // A source may tell of one row after the other: that is worth a word when there are twice as many.
    sameness: String(Math.floor(Math.log2(rows))),
    text: () => `${what}: deletions are held for approval: ${printableLine(event.error.message)}`,
    command: approvalOf(rows),
    overText: `${what}: no deletions are held any more`,
  };
}

function incompleteListing({ source, error: { message } }: Told<"source-incomplete">): Trouble {
  return {
    ...error,
    key: keys.listing(source),
    sameness: message,
    text: () => `${source}: the listing was incomplete, so nothing was deleted: ${printableLine(message)}`,
    overText: `${source}: listed completely again`,
  };
}

function failedTarget({ targetKind, rows, error: { message } }: Told<"target-failed">): Trouble {
  return {
    ...error,
    key: keys.target(targetKind),
    sameness: message,
    text: () => `${targetKind} failed for ${counted(rows, "row")}: ${printableLine(message)}`,
    overText: `${targetKind} takes writes again`,
  };
}

function endedWatcher({ source, restartMs, error: { message } }: Told<"watch-ended">): Trouble {
  return {
    ...error,
    key: keys.watch(source),
    sameness: message,
    // Once it is started again, it says anew what it does not notice.
    replaces: keys.degraded(source),
    text: () => `${source}: ${printableLine(message)}; started again in ${formatSpan(restartMs)}`,
    overText: `${source}: watched again`,
  };
}

function degradedWatcher(source: string, message: string): Trouble {
  return {
    ...warning,
    key: keys.degraded(source),
    sameness: message,
    text: () => `${source}: ${printableLine(message)}`,
    overText: `${source}: every change is noticed again`,
  };
}

function missedChanges({ source, reason }: Told<"changes-missed">): Trouble {
  return {
    ...warning,
    key: keys.missed(source),
    sameness: reason,
    text: () => `${source}: changes may have been missed, so it is listed: ${printableLine(reason)}`,
    overText: `${source}: listed, with what may have been missed`,
  };
}

function failedAcknowledgement({ source, row, error: { message } }: Told<"acknowledge-failed">): Trouble {
  const what = `${source} ${printableLine(row)}`;
  return {
    ...error,
    key: `acknowledge ${source} ${row}`,
    sameness: message,
    text: () => `${what}: the change could not be acknowledged: ${printableLine(message)}`,
    passesMs: momentMs,
  };
}

function overrun({ source, tookMs, intervalMs }: Told<"refresh-overrun">): Trouble {
  const [took, interval] = [tookMs, intervalMs].map(formatSpan);
  return {
    ...warning,
    key: `overrun ${source}`,
    sameness: "",
    text: () => `${source}: a listing took ${took}, longer than the refreshInterval of ${interval}`,
    passesMs: momentMs,
  };
}

function retry({ what, delayMs, error: { message } }: Told<"retrying">): Trouble {
  return {
    ...warning,
    key: `retrying ${what}`,
    sameness: message,
    text: () => `${printableLine(what)}: trying again in ${formatSpan(delayMs)}: ${printableLine(message)}`,
    passesMs: delayMs + 5_000,
    isFleeting: true,
  };
}
