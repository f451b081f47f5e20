import { type Column, count, megabytes, milliseconds, percent, renderHead, renderTable } from "../report.ts";
import { type Growth, growthOf, leastKeptBytes } from "./growth.ts";
import type { IdleResult, LatencyResult, LiveResults, MemorySample, StartResult } from "./results.ts";

/** The page of what was measured of live updates: nothing stands in it that is not in the results. */
export function renderLivePage(results: LiveResults): string {
  const { command, machine, latencies, starts, idle, memory } = results;
  return [
    renderHead("Live updates, measured", command, machine),
    latencies.length > 0 ? `${renderLatencies(latencies)}\n${renderWork(latencies)}` : "",
    idle.length > 0 ? renderIdle(idle) : "",
    starts.length > 0 ? renderStarts(starts) : "",
    memory === null ? "" : renderMemory(memory.samples),
  ]
    .filter((section) => section !== "")
    .join("\n");
}

const files = { title: "files", cell: (row: { readonly files: number }) => count(row.files) };
const rate: Column<LatencyResult> = {
  title: "changes a second",
  cell: ({ perSecond }) => count(perSecond),
};

function renderLatencies(latencies: readonly LatencyResult[]): string {
  const table = renderTable<LatencyResult>(
    [
      files,
      rate,
      { title: "reached", cell: ({ reached }) => count(reached) },
      { title: "writes", cell: ({ written }) => count(written.values) },
      { title: "p50", cell: ({ written }) => milliseconds(written.p50) },
      { title: "p99", cell: ({ written }) => milliseconds(written.p99) },
      { title: "longest", cell: ({ written }) => milliseconds(written.most) },
      { title: "deletions", cell: ({ deleted }) => count(deleted.values) },
      { title: "p50", cell: ({ deleted }) => milliseconds(deleted.p50) },
      { title: "p99", cell: ({ deleted }) => milliseconds(deleted.p99) },
      { title: "unseen", cell: ({ unseen }) => count(unseen) },
      { title: "lost", cell: ({ lost }) => count(lost) },
      { title: "CPU", cell: ({ cpuShare }) => percent(cpuShare) },
    ],
    latencies,
  );
  return `## From a write to the target

From the moment that closing a file (or removing it) returned in one process until the target was given the row in another, or a later state of it: a file that is written twice at once need arrive once. Of twenty changes eighteen write over a Markdown file of 1 to 8 KB, one makes a file and one removes one; the file of each is drawn at random. Unseen are changes of files that came and went before anybody looked, lost those that never arrived. CPU is what the following process used of one core meanwhile. A file is told of once nothing has happened to it for a moment, so that half of it is seldom read.

${table}`;
}

function renderWork(latencies: readonly LatencyResult[]): string {
  const perThousand = (of: number, { edits }: LatencyResult) => count((of / edits) * 1_000);
  const table = renderTable<LatencyResult>(
    [
      files,
      rate,
      { title: "told", cell: (row) => perThousand(row.told, row) },
      { title: "rows read", cell: (row) => perThousand(row.read, row) },
      { title: "transactions", cell: (row) => perThousand(row.transactions, row) },
      { title: "target calls", cell: (row) => perThousand(row.targetCalls, row) },
      { title: "listings", cell: ({ listings }) => count(listings) },
      { title: "engine p50", cell: ({ lag }) => milliseconds(lag.p50) },
      { title: "engine p99", cell: ({ lag }) => milliseconds(lag.p99) },
    ],
    latencies,
  );
  return `What that took for every thousand changes, and the part of the engine: from when the watcher told it of a change until that was durable.

${table}`;
}

function renderIdle(idle: readonly IdleResult[]): string {
  const table = renderTable<IdleResult>(
    [
      files,
      { title: "CPU in a minute", cell: ({ cpuMs, seconds }) => milliseconds((cpuMs / seconds) * 60) },
      { title: "of one core", cell: ({ cpuMs, seconds }) => percent(cpuMs / 1_000 / seconds) },
      { title: "listings", cell: ({ listings }) => count(listings) },
      { title: "heap", cell: ({ heapUsed }) => megabytes(heapUsed) },
      { title: "RssAnon", cell: ({ rssAnon }) => megabytes(rssAnon) },
    ],
    idle,
  );
  return `## While nothing happens

What the process uses in user and system time, with the listings that fell into it, and what it holds after a collection.

${table}`;
}

function renderStarts(starts: readonly StartResult[]): string {
  const table = renderTable<StartResult>(
    [
      files,
      { title: "all files new", cell: ({ firstMs }) => milliseconds(firstMs) },
      { title: "nothing changed: watching", cell: ({ armedMs }) => milliseconds(armedMs) },
      { title: "nothing changed: caught up", cell: ({ caughtUpMs }) => milliseconds(caughtUpMs) },
    ],
    starts,
  );
  return `## Starting

Until the watchers are armed, and until the listing that follows has ended. Where nothing has changed it is the middle one of three starts.

${table}`;
}

function renderMemory(samples: readonly MemorySample[]): string {
  const last = samples.at(-1)!;
  const table = renderTable<MemoryRow>(
    [
      { title: "changes", cell: ({ changes }) => count(changes) },
      { title: "a second", cell: ({ perSecond }) => (perSecond === null ? "–" : count(perSecond)) },
      { title: "CPU for each", cell: ({ cpuPerChangeMs }) => milliseconds(cpuPerChangeMs) },
      { title: "heap", cell: ({ heapUsed }) => megabytes(heapUsed) },
      { title: "RssAnon", cell: ({ rssAnon }) => megabytes(rssAnon) },
      { title: "store on disk", cell: ({ storeBytes }) => megabytes(storeBytes) },
    ],
    samples.map((sample, i) => memoryRow(sample, samples[i - 1])),
  );
  const verdicts = [
    growthText(
      "The heap",
      growthOf(samples, ({ heapUsed }) => heapUsed),
    ),
    growthText(
      "RssAnon",
      growthOf(samples, ({ rssAnon }) => rssAnon),
    ),
  ];
  return `## Memory over ${count(last.changes)} changes

A source in memory yields changes as fast as they are taken, of which one in six makes a row and one in six removes one; every so often it waits until all are acknowledged, and the process collects.

${table}
${verdicts.join("\n")}

The growth is that of the line that fits best, give or take twice its standard error. Flat is less than ${leastKeptBytes} bytes for each change even so: what is kept for a change takes a reference at the least.
`;
}

/** A sample with what the changes since the one before took. */
interface MemoryRow extends MemorySample {
  readonly perSecond: number | null;
  readonly cpuPerChangeMs: number | null;
}

function memoryRow(sample: MemorySample, before: MemorySample | undefined): MemoryRow {
  if (!before) return { ...sample, perSecond: null, cpuPerChangeMs: null };
  const changes = sample.changes - before.changes;
  return { ...sample, perSecond: changes / sample.seconds, cpuPerChangeMs: sample.cpuMs / changes };
}

function growthText(what: string, growth: Growth | null): string {
  if (growth === null) return `- ${what}: no figures.`;
  const { perChange, uncertainty, verdict } = growth;
  const bytes = `${perChange.toFixed(2)} ± ${uncertainty.toFixed(2)} bytes`;
  return `- ${what} over the later half: ${bytes} for each change: **${verdict}**.`;
}
