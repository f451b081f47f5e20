import type {
  FunctionStats,
  HeldDeletions,
  RowFailure,
  SourceStats,
  TargetStats,
  UpdateInfo,
} from "../app/events.ts";
import { formatPlace, type SluiceError } from "../errors/index.ts";
import { causePlace } from "./format-error.ts";
import { counted, formatCount, formatSpan } from "./format-number.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { padToWidth, textWidth } from "./text-width.ts";
import { wrapFacts } from "./wrap-text.ts";

/** How many failures are shown. */
const shownFailures = 10;

/** What an update did, as lines that fit the columns of a terminal; null: of any length. */
export function renderSummary(info: UpdateInfo, style: Style, columns: number | null = null): string[] {
  if (changedNothing(info)) return idleLines(info, style, columns);
  const state = info.ok ? style("green", "updated") : style("yellow", "updated in part");
  const head = `${style("bold", info.flow)}: ${state} in ${formatSpan(info.elapsedMs)}`;
  return [head, ...factLines(info, { columns, facts: sourceFacts })];
}

/** What a live update did from its start to its end, as such lines; each listing finds rows unchanged anew. */
export function renderLived(info: UpdateInfo, style: Style, columns: number | null = null): string[] {
  const head = `${style("bold", info.flow)}: live for ${formatSpan(info.elapsedMs)}`;
  return [head, ...factLines(info, { columns, facts: changeFacts })];
}

interface FactLines {
  readonly columns: number | null;
  /** What is said of a source. */
  readonly facts: (stats: SourceStats) => string[];
}

function factLines(info: UpdateInfo, { columns, facts: factsOf }: FactLines): string[] {
  const rows = [
    ...Object.entries(info.sources).map(([name, stats]) => ({ name, facts: factsOf(stats) })),
    ...Object.entries(info.functions).map(([name, stats]) => ({ name, facts: functionFacts(stats) })),
    ...Object.entries(info.targets).map(([name, stats]) => ({ name, facts: targetFacts(stats) })),
  ];
  const nameWidth = Math.max(0, ...rows.map(({ name }) => textWidth(name)));
  const factsWidth = columns === null ? Number.POSITIVE_INFINITY : columns - nameWidth - 5;
  return rows.flatMap(({ name, facts }) =>
    wrapFacts(facts, factsWidth).map(
      (line, index) => `  ${padToWidth(index === 0 ? name : "", nameWidth)}  ${line}`,
    ),
  );
}

function idleLines(info: UpdateInfo, style: Style, columns: number | null): string[] {
  const { read, computed, written, unchanged } = totals(info);
  const work = `${formatCount(read)} read, ${formatCount(computed)} computed, ${formatCount(written)} written`;
  const extent = `(${counted(unchanged, "row")}, ${formatSpan(info.elapsedMs)})`;
  const said = `${style("bold", info.flow)}: nothing changed: ${work}`;
  const fits = columns === null || textWidth(`${info.flow}: nothing changed: ${work} ${extent}`) <= columns;
  return fits ? [`${said} ${extent}`] : [said, `  ${extent}`];
}

/** The rows that failed, the listings that were incomplete and what is held, as lines; none where all went well. */
export function renderFailures(info: UpdateInfo, style: Style): string[] {
  const failed = Object.values(info.sources).reduce((sum, stats) => sum + stats.failed, 0);
  return [
    ...renderRowFailures(info, failed, style),
    ...keyLines(info, style),
    ...incompleteLines(info, style),
    ...info.held.flatMap((held) => renderHeld(info.flow, held, style)),
  ];
}

/** So many rows that failed, the first of them by name. */
export function renderRowFailures(
  { flow, failures }: Pick<UpdateInfo, "flow" | "failures">,
  failed: number,
  style: Style,
): string[] {
  if (failed === 0) return [];
  const shown = failures.slice(0, shownFailures).map((failure) => `  ${rowFailureText(failure, style)}`);
  const more = failed - shown.length;
  if (more > 0) shown.push(`  and ${formatCount(more)} more`);
  return [style("red", `${flow}: ${counted(failed, "row")} failed`), ...shown];
}

/** A row that failed, where, and why, on one line. */
export function rowFailureText({ source, row, error }: RowFailure, style: Style): string {
  const { flow: _flow, source: _source, row: _row, ...step } = error.where;
  const place = formatPlace(step);
  const code = causePlace(error);
  const message = printableLine(error.message);
  const at = code === null ? "" : style("dim", ` (${code})`);
  return `${source} ${printableLine(row)}${place === "" ? "" : `, ${place}`}: ${message}${at}`;
}

function keyLines({ flow, targets, failedKeys }: UpdateInfo, style: Style): string[] {
  const failed = Object.values(targets).reduce((sum, stats) => sum + stats.failed, 0);
  if (failed === 0) return [];
  const shown = failedKeys.slice(0, shownFailures).map(({ target, key, error }) => {
    return `  ${target} ${printableLine(key)}: ${printableLine(error.message)}`;
  });
  const more = failed - shown.length;
  if (more > 0) shown.push(`  and ${formatCount(more)} more`);
  return [style("red", `${flow}: ${counted(failed, "target row")} could not be deleted`), ...shown];
}

function incompleteLines({ flow, incomplete }: UpdateInfo, style: Style): string[] {
  return incomplete.flatMap(({ source, error }) => {
    return reasonLines(
      style("red", `${flow}: the listing of ${source} was incomplete, so nothing was deleted:`),
      error,
    );
  });
}

/** Deletions that are held, and how to approve them. */
export function renderHeld(flow: string, { source, target, error }: HeldDeletions, style: Style): string[] {
  return reasonLines(
    style("red", `${flow}: the deletions of ${source ?? target} are held for approval:`),
    error,
  );
}

/** What kept something from being done, and what to do about it. */
export function reasonLines(what: string, { message, hint }: SluiceError): string[] {
  const line = `${what} ${printableLine(message)}`;
  return hint ? [line, `hint: ${printableLine(hint)}`] : [line];
}

function sourceFacts(stats: SourceStats): string[] {
  return [`${formatCount(stats.unchanged)} unchanged`, ...changeFacts(stats)];
}

function changeFacts({ inserted, updated, deleted, reprocessed, failed, read }: SourceStats): string[] {
  return [
    `${formatCount(inserted)} inserted`,
    `${formatCount(updated)} updated`,
    `${formatCount(deleted)} deleted`,
    ...(reprocessed > 0 ? [`${formatCount(reprocessed)} reprocessed`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    `${formatCount(read)} read`,
  ];
}

function functionFacts(stats: FunctionStats): string[] {
  const { computed, memoHits, failed } = stats;
  const failures = failed > 0 ? [`${formatCount(failed)} failed`] : [];
  const facts = [`${formatCount(computed)} computed`, `${formatCount(memoHits)} from cache`];
  return [...facts, ...failures, ...tokenFacts(stats)];
}

/** What calls cost, where they say so; a function that was not called cost nothing worth a word. */
function tokenFacts({ inputTokens = 0, outputTokens = 0 }: FunctionStats): string[] {
  const given = inputTokens > 0 ? [`${counted(inputTokens, "token")} in`] : [];
  if (outputTokens === 0) return given;
  const what = given.length > 0 ? formatCount(outputTokens) : counted(outputTokens, "token");
  return [...given, `${what} out`];
}

function targetFacts({ upserted, deleted }: TargetStats): string[] {
  return [`${formatCount(upserted)} upserted`, `${formatCount(deleted)} deleted`];
}

function changedNothing(info: UpdateInfo): boolean {
  const { changed, written, computed } = totals(info);
  return info.ok && changed === 0 && written === 0 && computed === 0;
}

function totals({ sources, targets, functions }: UpdateInfo) {
  const total = { unchanged: 0, changed: 0, read: 0, computed: 0, written: 0 };
  for (const stats of Object.values(sources)) {
    total.unchanged += stats.unchanged;
    total.changed += stats.inserted + stats.updated + stats.deleted + stats.reprocessed;
    total.read += stats.read;
  }
  for (const { computed } of Object.values(functions)) total.computed += computed;
  for (const { upserted, deleted } of Object.values(targets)) total.written += upserted + deleted;
  return total;
}
