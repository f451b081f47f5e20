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
  return answer.results.flatMap((result, index) => [
    ...(index === 0 ? [] : [""]),
    ...renderResult(result, { answer, view, rank: String(index + 1).padStart(digits) }),
  ]);
}

interface ResultView {
  readonly answer: QueryResult;
  readonly view: QueryView;
  readonly rank: string;
}

function renderResult(result: Result, { answer, view, rank }: ResultView): string[] {
  const { score, location, text, embedding } = answer.resultFields;
  const vectors = new Set([embedding ?? []].flat());
  const { style, columns } = view;
  const scoreText = score === undefined || isAbsent(result[score]) ? null : formatScore(result[score]);
  const head = [`${rank}.`, ...(scoreText === null ? [] : [scoreText])].join(" ");
  const place = location === undefined || isAbsent(result[location]) ? "" : formatField(result[location]);
  const indent = " ".repeat(rank.length + 2);
  const first = `${style("bold", head)}  ${style("cyan", cutToWidth(place, columns - textWidth(head) - 2))}`;
  const others = Object.keys(result).filter((name) => name !== score && name !== location && name !== text);
  const fields = others.map(
    (name) => [name, vectors.has(name) ? vectorText(result[name]) : formatField(result[name])] as const,
  );
  const inner = { style, columns: columns - indent.length };
  const body = text === undefined || isAbsent(result[text]) ? [] : renderText(result[text], inner.columns);
  return [first.trimEnd(), ...[...renderFields(fields, inner), ...body].map((line) => `${indent}${line}`)];
}

function renderFields(
  fields: readonly (readonly [name: string, text: string])[],
  { style, columns }: QueryView,
): string[] {
  const widest = Math.min(
    nameColumns,
    Math.max(0, ...fields.map(([name]) => textWidth(printableLine(name)))),
  );
  return fields.flatMap(([name, text]) => {
    const label = padToWidth(cutToWidth(printableLine(name), nameColumns), widest);
    return cutLines(wrapText(text, columns - widest - 2)).map((line, at) =>
      `${at === 0 ? style("dim", label) : " ".repeat(widest)}  ${line}`.trimEnd(),
    );
  });
}

/** With its own lines, which may be those of code. */
function renderText(value: unknown, columns: number): string[] {
  if (typeof value !== "string") return cutLines(wrapText(formatField(value), columns));
  const lines = printable(value.trim().replaceAll("\t", "  ").replaceAll(/\r\n?/g, "\n"))
    .split("\n")
    .filter((line) => line.trim() !== "");
  return cutLines(lines.flatMap((line) => wrapText(line.trimEnd(), columns)));
}

function cutLines(lines: readonly string[]): string[] {
  if (lines.length <= textLines) return [...lines];
  const last = lines[textLines - 1]!;
  return [...lines.slice(0, textLines - 1), `${last.slice(0, -1)}…`];
}

/** Four places behind the point tell near scores apart. */
function formatScore(score: unknown): string {
  if (typeof score !== "number" || !Number.isFinite(score)) return formatField(score);
  return Number.isInteger(score) ? String(score) : score.toFixed(4);
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

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}
