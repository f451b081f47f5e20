import type { QueryResult } from "../app/query-handlers.ts";
import { printable, printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { cutToWidth, padToWidth, textWidth } from "./text-width.ts";
import { toJsonLine } from "./to-json.ts";
import { wrapText } from "./wrap-text.ts";

export interface QueryView {
  readonly style: Style;
  readonly columns: number;
}

type Result = QueryResult["results"][number];

/** How many lines a text takes at most. */
const textLines = 4;
/** How wide the names of fields are at most. */
const nameColumns = 20;

/** The results of a query, best first: a line with score and place, then the other fields, and the text. */
export function renderQuery(answer: QueryResult, view: QueryView): string[] {
  const digits = String(answer.results.length).length;
  const showing: Showing = { ...view, fields: answer.resultFields, formatScore: scoreFormat(answer) };
  return answer.results.flatMap((result, index) => [
    ...(index === 0 ? [] : [""]),
    ...renderResult(result, String(index + 1).padStart(digits), showing),
  ]);
}

interface Showing extends QueryView {
  readonly fields: QueryResult["resultFields"];
  formatScore(score: unknown): string;
}

function renderResult(result: Result, rank: string, showing: Showing): string[] {
  const { score, location, text } = showing.fields;
  const indent = " ".repeat(rank.length + 2);
  const inner = { ...showing, columns: showing.columns - indent.length };
  const others = Object.keys(result).filter((name) => name !== score && name !== location && name !== text);
  const below = [
    ...renderFields(
      others.map((name) => fieldText(result, name, showing.fields)),
      inner,
    ),
    ...(isAbsent(result, text) ? [] : renderText(result[text], inner.columns)),
  ];
  return [headOf(result, rank, showing), ...below.map((line) => `${indent}${line}`)];
}

function headOf(result: Result, rank: string, { fields, formatScore, style, columns }: Showing): string {
  const { score, location } = fields;
  const head = [`${rank}.`, ...(isAbsent(result, score) ? [] : [`${score} ${formatScore(result[score])}`])];
  const text = cutToWidth(printableLine(head.join(" ")), isAbsent(result, location) ? columns : columns >> 1);
  if (isAbsent(result, location)) return style("bold", text);
  const place = cutToWidth(formatField(result[location]), columns - textWidth(text) - 2);
  return `${style("bold", text)}  ${style("cyan", place)}`;
}

type FieldText = readonly [name: string, text: string];

function fieldText(result: Result, name: string, { embedding }: Showing["fields"]): FieldText {
  const isVector = [embedding].flat().includes(name);
  return [printableLine(name), isVector ? vectorText(result[name]) : formatField(result[name])];
}

function renderFields(fields: readonly FieldText[], { style, columns }: QueryView): string[] {
  const widest = Math.min(nameColumns, Math.max(0, ...fields.map(([name]) => textWidth(name))));
  return fields.flatMap(([name, text]) => {
    const label = padToWidth(cutToWidth(name, nameColumns), widest);
    const room = columns - widest - 2;
    return cutLines(wrapText(text, room), room).map((line, at) =>
      `${at === 0 ? style("dim", label) : " ".repeat(widest)}  ${line}`.trimEnd(),
    );
  });
}

/** With its own lines, which may be those of code. */
function renderText(value: unknown, columns: number): string[] {
  if (typeof value !== "string") return cutLines(wrapText(formatField(value), columns), columns);
  const lines = printable(value.trim().replaceAll("\t", "  ").replaceAll(/\r\n?/g, "\n"))
    .split("\n")
    .filter((line) => line.trim() !== "");
  return cutLines(
    lines.flatMap((line) => wrapText(line.trimEnd(), columns)),
    columns,
  );
}

function cutLines(lines: readonly string[], columns: number): string[] {
  if (lines.length <= textLines) return [...lines];
  const last = lines[textLines - 1]!;
  return [
    ...lines.slice(0, textLines - 1),
    textWidth(last) < columns ? `${last}…` : cutToWidth(`${last}…`, columns),
  ];
}

/** Four places behind the point tell near scores apart; whole numbers are left as they are where all are. */
function scoreFormat({ results, resultFields: { score } }: QueryResult): Showing["formatScore"] {
  const all = score === undefined ? [] : results.map((result) => result[score]);
  const areWhole = all.every((one) => !isNumber(one) || Number.isInteger(one));
  return (one) => (isNumber(one) && !areWhole ? one.toFixed(4) : formatField(one));
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A value on one line. */
function formatField(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return printableLine(value.trim());
  if (isVector(value)) return vectorText(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return printableLine(toJsonLine(value) ?? String(value));
}

function isVector(value: unknown): value is Float32Array | Float64Array {
  return value instanceof Float32Array || value instanceof Float64Array;
}

function vectorText(value: unknown): string {
  return isVector(value) || Array.isArray(value) ? `vector(${value.length})` : formatField(value);
}

function isAbsent(result: Result, name: string | undefined): name is undefined {
  return name === undefined || result[name] === null || result[name] === undefined;
}
