import type { FunctionStats, SourceStats, TargetStats, UpdateInfo } from "../app/events.ts";
import { formatPlace } from "../errors/index.ts";
import { causePlace } from "./format-error.ts";
import { counted, formatCount, formatSpan } from "./format-number.ts";
import { formatTable } from "./format-table.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";

/** How many failures are shown. */
const shownFailures = 10;

/** What an update did, as lines. */
export function renderSummary(info: UpdateInfo, style: Style): string[] {
  const took = formatSpan(info.elapsedMs);
  if (changedNothing(info)) {
    const { read, computed, written, unchanged } = totals(info);
    const work = `${formatCount(read)} read, ${formatCount(computed)} computed, ${formatCount(written)} written`;
    return [`${style("bold", info.flow)}: nothing changed: ${work} (${counted(unchanged, "row")}, ${took})`];
  }
  const rows = [
    ...Object.entries(info.sources).map(([name, stats]) => [name, sourceLine(stats)]),
    ...Object.entries(info.functions).map(([name, stats]) => [name, functionLine(stats)]),
    ...Object.entries(info.targets).map(([name, stats]) => [name, targetLine(stats)]),
  ];
  const state = info.ok ? style("green", "updated") : style("yellow", "updated in part");
  return [
    `${style("bold", info.flow)}: ${state} in ${took}`,
    ...formatTable(rows).map((line) => `  ${line}`),
  ];
}

/** The rows that failed and the listings that were incomplete, as lines; none where all went well. */
export function renderFailures(info: UpdateInfo, style: Style): string[] {
  const failed = Object.values(info.sources).reduce((sum, stats) => sum + stats.failed, 0);
  return [...failureLines(info, failed, style), ...incompleteLines(info, style)];
}

function failureLines({ flow, failures }: UpdateInfo, failed: number, style: Style): string[] {
  if (failed === 0) return [];
  const shown = failures.slice(0, shownFailures).map(({ source, row, error }) => {
    const { flow: _flow, source: _source, row: _row, ...step } = error.where;
    const place = formatPlace(step);
    const code = causePlace(error);
    const message = printableLine(error.message);
    const at = code === null ? "" : style("dim", ` (${code})`);
    return `  ${source} ${printableLine(row)}${place === "" ? "" : `, ${place}`}: ${message}${at}`;
  });
  const more = failed - shown.length;
  if (more > 0) shown.push(`  and ${formatCount(more)} more`);
  return [style("red", `${flow}: ${counted(failed, "row")} failed`), ...shown];
}

function incompleteLines({ flow, incomplete }: UpdateInfo, style: Style): string[] {
  return incomplete.map(
    ({ source, error }) =>
      `${style("red", `${flow}: the listing of ${source} was incomplete, so nothing was deleted:`)} ${printableLine(error.message)}`,
  );
}

function sourceLine(stats: SourceStats): string {
  const { unchanged, inserted, updated, deleted, reprocessed, failed, read } = stats;
  return [
    `${formatCount(unchanged)} unchanged`,
    `${formatCount(inserted)} inserted`,
    `${formatCount(updated)} updated`,
    `${formatCount(deleted)} deleted`,
    ...(reprocessed > 0 ? [`${formatCount(reprocessed)} reprocessed`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    `${formatCount(read)} read`,
  ].join(", ");
}

function functionLine({ computed, memoHits, failed }: FunctionStats): string {
  const failures = failed > 0 ? `, ${formatCount(failed)} failed` : "";
  return `${formatCount(computed)} computed, ${formatCount(memoHits)} from cache${failures}`;
}

function targetLine({ upserted, deleted }: TargetStats): string {
  return `${formatCount(upserted)} upserted, ${formatCount(deleted)} deleted`;
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
