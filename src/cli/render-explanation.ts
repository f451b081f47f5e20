import type {
  ExplainedTargetRow,
  RowExplanation,
  RowName,
  RowOutput,
  RowRun,
  StandingFailure,
  TargetRowExplanation,
  TargetRowState,
} from "../app/explain/explanation.ts";
import { formatPlace } from "../errors/index.ts";
import { changeInWords, reasonsOf } from "./explain-words.ts";
import { formatFacts } from "./format-facts.ts";
import { counted, formatCount, formatSpan } from "./format-number.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { localTime } from "./timestamp.ts";

/** How many target keys of one export are shown. */
const shownKeys = 10;

export interface ExplanationView {
  readonly style: Style;
  /** Null: lines may have any length. */
  readonly columns: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Why a row ran, what that did and how it stands, as lines. */
export function renderRowExplanation(row: RowExplanation, view: ExplanationView): string[] {
  const { lastRun, failure } = row;
  const facts: [string, string[]][] = [
    ["last ran", [lastRun ? timeOf(lastRun.at, view.now) : neverRan(row)]],
    ["because", lastRun ? reasonsOf(lastRun, row.source) : []],
    ["called", lastRun ? callsOf(lastRun) : []],
    ["wrote", lastRun ? writesOf(lastRun) : []],
    ["has", row.outputs.flatMap(outputOf)],
    ["failing", [...(failure ? failureLines(failure, view.now) : []), ...refusedKeys(row, view.now)]],
    ["state", [stateOf(row)]],
    ["changed since", row.stale.map((change) => changeInWords(change, row.source))],
  ];
  return [title(view, row.row, `of source ${row.source}`), ...indented(facts, view)];
}

/** Where a target row comes from, as lines. */
export function renderTargetRow(row: TargetRowExplanation, view: ExplanationView): string[] {
  const facts: [string, string[]][] = [
    ["comes from", [row.owner ? nameOf(row.owner) : "no row any more"]],
    ["also yielded by", row.others.map(nameOf)],
    ["failing", row.failure ? failureLines(row.failure, view.now) : []],
    ["state", [targetStates[row.state]]],
  ];
  return [title(view, row.key, `of target ${row.target}`), ...indented(facts, view)];
}

function title({ style }: ExplanationView, key: string, of: string): string {
  return `row ${style("bold", printableLine(key))} ${of}`;
}

function indented(
  facts: readonly (readonly [string, readonly string[]])[],
  { columns }: ExplanationView,
): string[] {
  const width = columns === null ? Number.POSITIVE_INFINITY : columns - 2;
  return formatFacts(facts, width).map((line) => `  ${line}`);
}

function timeOf(at: number, now: number): string {
  return `${localTime(at)}, ${formatSpan(Math.max(0, now - at))} ago`;
}

function neverRan({ outputs, failure }: RowExplanation): string {
  return failure && outputs.length === 0 ? "never: it has not come through yet" : "not on record";
}

function callsOf({ functions }: RowRun): string[] {
  if (functions.length === 0) return ["no function"];
  return functions.map(({ function: name, computed, memoHits }) => {
    const facts = [
      ...(computed > 0 || memoHits === 0 ? [`${formatCount(computed)} computed`] : []),
      ...(memoHits > 0 ? [`${formatCount(memoHits)} from cache`] : []),
    ];
    return `${name}: ${facts.join(", ")}`;
  });
}

function writesOf({ targets }: RowRun): string[] {
  if (targets.length === 0) return ["nothing"];
  return targets.map(({ target, upserted, deleted, equal, others, dropped }) => {
    const facts = [
      `${formatCount(upserted)} upserted`,
      `${formatCount(deleted)} deleted`,
      ...(equal > 0 ? [`${formatCount(equal)} left since equal`] : []),
      ...(others > 0 ? [`${formatCount(others)} left to other rows`] : []),
      ...(dropped > 0 ? [`${formatCount(dropped)} given up`] : []),
    ];
    return `${target}: ${facts.join(", ")}`;
  });
}

function outputOf({ target, rows }: RowOutput): string[] {
  if (rows.length === 0) return [`${target}: no row`];
  const shown = rows.slice(0, shownKeys).map((row) => printableLine(row.key) + noteOn(row));
  const more = rows.length - shown.length;
  return [`${target}: ${shown.join(", ")}${more > 0 ? ` and ${formatCount(more)} more` : ""}`];
}

function noteOn({ state, owner }: ExplainedTargetRow): string {
  if (owner !== null) return ` (which is that of ${nameOf(owner)})`;
  return state === "held" ? "" : ` (${targetStates[state]})`;
}

function nameOf({ source, row }: RowName): string {
  return `${printableLine(row)} of source ${source}`;
}

const targetStates: Readonly<Record<TargetRowState, string>> = {
  held: "as it should be",
  "in-doubt": "in doubt; the next update settles it",
  owed: "not yet as it should be; the next update settles it",
  absent: "not there",
};

function failureLines({ message, where, attempts, firstAt, lastAt }: StandingFailure, now: number): string[] {
  const { flow: _flow, source: _source, row: _row, ...step } = where;
  const place = formatPlace(step);
  const since = attempts > 1 ? `, since ${localTime(firstAt)}` : "";
  return [
    printableLine(`${place === "" ? "" : `${place}: `}${message}`),
    `${counted(attempts, "attempt")}${since}; the last ${timeOf(lastAt, now)}`,
  ];
}

/** Of the target keys that could not be brought to what they should be, the first. */
function refusedKeys({ outputs }: RowExplanation, now: number): string[] {
  const refused = outputs.flatMap(({ rows }) => rows).find((row) => row.failure !== null);
  return refused?.failure ? failureLines(refused.failure, now) : [];
}

function stateOf({ pending, failure, stale }: RowExplanation): string {
  if (failure?.removal)
    return "going: its source has it no more; the next update tries again to take it away";
  if (pending) return "pending: its writes may or may not have landed; the next update settles it";
  if (failure) return "failed: it keeps what it has; the next update tries it again";
  if (stale.length > 0) return "the next update runs it again";
  return "done";
}
