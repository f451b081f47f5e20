import { formatAge, formatCount } from "./format-number.ts";
import type { LiveSourceView } from "./live-model.ts";
import { printableLine } from "./printable.ts";
import type { Format, Style } from "./style.ts";
import { cutToWidth, padToWidth, textWidth } from "./text-width.ts";

interface Column {
  readonly label: string;
  /** How wide it is at the least, so that it need not grow while it is looked at. */
  readonly width: number;
  readonly side: "left" | "right";
  readonly text: (source: LiveSourceView) => string;
  /** The format of a cell that stands out. */
  readonly format?: (source: LiveSourceView) => Format | null;
}

const columns: readonly Column[] = [
  {
    label: "state",
    width: 9,
    side: "left",
    text: ({ state }) => state,
    format: ({ mood }) => moodFormats[mood],
  },
  { label: "last change", width: 11, side: "right", text: lastChangeText },
  { label: "waiting", width: 7, side: "right", text: ({ waiting }) => formatCount(waiting) },
  { label: "in flight", width: 9, side: "right", text: ({ inFlight }) => formatCount(inFlight) },
  { label: "done", width: 9, side: "right", text: ({ done }) => formatCount(done) },
  {
    label: "failing",
    width: 7,
    side: "right",
    text: ({ failing }) => formatCount(failing),
    format: ({ failing }) => (failing > 0 ? "red" : null),
  },
];

/** What is left out where a terminal is narrow, the first first. */
const dispensable = ["waiting", "last change", "in flight", "done", "failing"];

const moodFormats = { well: null, unwell: "yellow", over: "dim" } as const;

/** Names are cut to this before a column is left out for them, and take this at the most. */
const narrowName = 16;
const wideName = 40;
const indent = "  ";
const gap = "  ";

export interface TableLayout {
  /** How wide a line is at the most. */
  readonly width: number;
  readonly style: Style;
  /** All sources that are shown, also those of other tables, so that one stands below the other. */
  readonly among: readonly LiveSourceView[];
}

/** Sources as lines below a line of labels. */
export function liveTable(sources: readonly LiveSourceView[], layout: TableLayout): string[] {
  const { style, width, among } = layout;
  const widest = Math.max(...["source", ...among.map(nameOf)].map(textWidth));
  const shown = fittingColumns(among, width - Math.min(widest, narrowName));
  const nameWidth = Math.max(1, Math.min(widest, wideName, width - widthOf(shown)));
  const nameCell = (name: string) => indent + padToWidth(cutToWidth(name, nameWidth), nameWidth);
  const labels = shown.map((column) => padded(column, column.label)).join("");
  return [
    style("dim", nameCell("source") + labels),
    ...sources.map((source) => {
      const cells = shown.map((column) => styledCell(column, source, style));
      return nameCell(nameOf(source)) + cells.join("");
    }),
  ];
}

function nameOf({ name }: LiveSourceView): string {
  return printableLine(name);
}

/** The columns for which there is room, as wide as they must be. */
function fittingColumns(among: readonly LiveSourceView[], width: number): readonly Column[] {
  let shown = columns.map((column) => ({
    ...column,
    width: Math.max(column.width, ...among.map((source) => textWidth(column.text(source)))),
  }));
  for (const label of dispensable) {
    if (widthOf(shown) <= width) break;
    shown = shown.filter((column) => column.label !== label);
  }
  return shown;
}

/** What a line takes beside the name of its source. */
function widthOf(shown: readonly Column[]): number {
  return shown.reduce((sum, { width }) => sum + gap.length + width, indent.length);
}

function padded({ width, side }: Column, text: string): string {
  return gap + padToWidth(text, width, side === "left" ? "right" : "left");
}

function styledCell(column: Column, source: LiveSourceView, style: Style): string {
  const cell = padded(column, column.text(source));
  const format = column.format?.(source) ?? null;
  return format === null ? cell : style(format, cell);
}

function lastChangeText({ sinceChangeMs }: LiveSourceView): string {
  return sinceChangeMs === null ? "–" : `${formatAge(sinceChangeMs)} ago`;
}
