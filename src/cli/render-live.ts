import { counted, formatAge, formatCount, formatRate, formatSpan } from "./format-number.ts";
import type { LiveSourceView, LiveView } from "./live-model.ts";
import { liveTable } from "./live-table.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { cutToWidth, padToWidth, textWidth } from "./text-width.ts";
import type { ListedTrouble } from "./trouble-list.ts";

export interface LiveLayout {
  readonly columns: number;
  /** How many lines the terminal has. */
  readonly rows: number;
  readonly style: Style;
  readonly now: number;
}

/** How many sources and troubles of each flow are shown: the first with which all flows fit. */
const extents = [
  { sources: Number.POSITIVE_INFINITY, troubles: 5 },
  { sources: Number.POSITIVE_INFINITY, troubles: 2 },
  { sources: 8, troubles: 2 },
  { sources: 3, troubles: 1 },
  { sources: 0, troubles: 2 },
  { sources: 0, troubles: 1 },
  { sources: 0, troubles: 0 },
] as const;

interface Extent {
  readonly sources: number;
  readonly troubles: number;
  /** The sources of all flows that are shown. */
  readonly among: readonly LiveSourceView[];
}

/** The block that a terminal shows for flows that are live: narrower than the terminal, and lower. */
export function renderLive(views: readonly LiveView[], layout: LiveLayout): string[] {
  const room = Math.max(1, layout.rows - 1);
  for (const extent of extents) {
    const among = views.flatMap(({ sources }) => sources.slice(0, extent.sources));
    const lines = views.flatMap((view) => renderFlow(view, { ...extent, among }, layout));
    if (lines.length <= room) return lines;
  }
  const heads = views.map((view) => headLine(view, layout, failingFacts(view.sources)));
  if (heads.length <= room) return heads;
  const more = `and ${counted(heads.length - room + 1, "more flow", "more flows")}`;
  return [...heads.slice(0, room - 1), cutToWidth(more, widthOf(layout))];
}

function renderFlow(view: LiveView, extent: Extent, layout: LiveLayout): string[] {
  const { sources, ended } = view;
  const { style } = layout;
  if (ended !== null) return [headLine(view, layout)];
  const shown = sources.slice(0, extent.sources);
  const width = widthOf(layout);
  return [
    headLine(view, layout),
    ...(shown.length > 0 ? liveTable(shown, { width, style, among: extent.among }) : []),
    ...otherSources(sources.slice(shown.length), { areMore: shown.length > 0, layout }),
    flowLine(view, layout),
    ...troubleLines(view, extent, layout),
  ];
}

/** The last column stays empty: a terminal that has written it may go on to the next line. */
function widthOf({ columns }: LiveLayout): number {
  return Math.max(20, columns - 1);
}

function headLine(view: LiveView, layout: LiveLayout, more: readonly string[] = []): string {
  const width = widthOf(layout);
  const said = cutToWidth(`  ${[...headFacts(view), ...more].join("  ")}`, width - 8);
  const name = cutToWidth(view.flow, width - textWidth(said));
  return layout.style("bold", name) + (view.ended === null ? said : layout.style("red", said));
}

function headFacts({ ended, state, elapsedMs, unchanged, restarts }: LiveView): string[] {
  if (ended !== null) return [`ended: ${printableLine(ended)}`];
  return [
    state,
    elapsedMs < 60_000 ? formatAge(elapsedMs) : formatSpan(elapsedMs),
    ...(unchanged ? [`${formatCount(unchanged)} unchanged`] : []),
    ...(restarts > 0 ? [counted(restarts, "restart")] : []),
  ];
}

/** What the flow does as a whole. */
function flowLine({ rowsPerSecond, lagMs, recentLag }: LiveView, layout: LiveLayout): string {
  const lag = lagMs === null ? "" : `, lag ${formatSpan(lagMs)}`;
  const recent = recentLag
    ? ` (last minute: median ${formatSpan(recentLag.medianMs)}, max ${formatSpan(recentLag.maxMs)})`
    : "";
  const rate = rowsPerSecond === 0 ? "0 rows/s" : formatRate(rowsPerSecond, " rows");
  return cutToWidth(`  ${rate}${lag}${recent}`, widthOf(layout));
}

/** Sources for which there is no room, in one line. */
function otherSources(
  hidden: readonly LiveSourceView[],
  { areMore, layout }: { readonly areMore: boolean; readonly layout: LiveLayout },
): string[] {
  if (hidden.length === 0) return [];
  const states = new Map<string, number>();
  for (const { state } of hidden) states.set(state, (states.get(state) ?? 0) + 1);
  const facts = [...states].map(([state, count]) => `${formatCount(count)} ${state}`);
  const which = areMore ? `and ${counted(hidden.length, "more source")}` : counted(hidden.length, "source");
  return [cutToWidth(`  ${which}: ${[...facts, ...failingFacts(hidden)].join(", ")}`, widthOf(layout))];
}

function failingFacts(sources: readonly LiveSourceView[]): string[] {
  const failing = failingRows(sources);
  return failing === 0 ? [] : [`${counted(failing, "row")} failing`];
}

function failingRows(sources: readonly LiveSourceView[]): number {
  return sources.reduce((sum, { failing }) => sum + failing, 0);
}

function troubleLines(view: LiveView, extent: Extent, layout: LiveLayout): string[] {
  const shown = view.troubles.slice(0, extent.troubles);
  const named = shown.filter(({ ofRow, overAt }) => ofRow && overAt === null).length;
  const more = failingRows(view.sources) - named;
  const rest =
    more > 0 && extent.troubles > 1
      ? [`  and ${counted(more, "more row")} failing: ${view.failuresCommand}`]
      : [];
  return [
    ...shown.flatMap((trouble) => troubleLine(trouble, layout)),
    ...rest.map((line) => layout.style("dim", cutToWidth(line, widthOf(layout)))),
  ];
}

/** How long ago, and what; below it the command that settles it. */
function troubleLine(trouble: ListedTrouble, layout: LiveLayout): string[] {
  const { now, style } = layout;
  const { at, overAt, command } = trouble;
  const { sign, format } = signs[overAt === null ? trouble.severity : "over"];
  const since = padToWidth(`${formatAge(now - (overAt ?? at))} ago`, 10, "left");
  const what = overAt === null ? trouble.text() : trouble.overText;
  const said = cutToWidth(`${since}  ${what}`, widthOf(layout) - 4);
  const line = `  ${style(format, sign)} ${overAt === null ? said : style("dim", said)}`;
  if (command === null || overAt !== null) return [line];
  return [line, cutToWidth(`    stop, then run: ${command}`, widthOf(layout))];
}

const signs = {
  error: { sign: "✗", format: "red" },
  warning: { sign: "!", format: "yellow" },
  over: { sign: "✓", format: "green" },
} as const;
