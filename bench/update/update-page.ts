import { type Column, count, megabytes, milliseconds, percent, renderHead, renderTable } from "../report.ts";
import type { Counts } from "./counts.ts";
import { type Median, medianOf, medianOfRounds, middleUse } from "./medians.ts";
import type {
  BurstResult,
  PhaseResult,
  ProfileResult,
  RightnessResult,
  SizedResult,
  UpdateResults,
} from "./results.ts";
import { judge, type Verdict } from "./verdicts.ts";

/** The page of what was measured of updates: no figure stands in it that is not in the results. */
export function renderUpdatePage(results: UpdateResults, notes: string): string {
  const { command, machine, phases } = results;
  const counting = phases.filter(({ target, delay }) => target === "counting" && delay === 0);
  return [
    `${renderHead("Updates, measured", command, machine)}\n${introduction(results)}`,
    renderVerdicts(judge(results)),
    ...sizesOf(counting).map((files) => renderSize(files, counting)),
    renderNetwork(phases),
    renderTargets(phases),
    renderRightness(results.rightness),
    renderBursts(results.bursts),
    renderSources(results.sources),
    renderWideRows(results.wideRows),
    renderStartups(results),
    renderProfiles(results.profiles),
    notes,
  ]
    .filter((section) => section !== "")
    .join("\n");
}

function introduction({ batch, absent }: UpdateResults): string {
  const missing = Object.entries(absent).map(([name, why]) => `Not there: ${name}, since ${why}.`);
  return `Programs that keep the rows of a target equal to a folder of Markdown files of 1 to 8 KB: each file is cut into pieces of at most a thousand characters, and each piece is embedded by a fake that is deterministic and costs next to nothing, at most ${batch} texts a call. All use the same splitter and the same embedder, so that what is compared is what is around them.

- **floor** is a bare Node program without a store or an engine. It does what no program can avoid that does not want to embed a text twice: list and stat, read, hash and split what changed, encode, one durable write. It has no lock, and a crash costs it all that it did.
- **sluice** is a flow of the public interface, set up and updated by the built package.
- **langchain** is \`index()\` of LangChain.js with its SQLite record manager, in its two ways of deleting; **llamaindex** the \`IngestionPipeline\` of LlamaIndex.TS with its document store; **cocoindex** the Python package. [bench/rivals](../../bench/rivals/README.md) says how they are used, and why so.

Every phase is a process of its own, on the state that the one before left; programs take turns in every phase of every round. CPU is user and system time from start to exit, memory the greatest RssAnon; written is what the disk was given from start to exit and until nothing waited for it any more. Figures are the middle ones of so many rounds.
${missing.map((line) => `\n${line}\n`).join("")}`;
}

function renderVerdicts(verdicts: readonly Verdict[]): string {
  const table = renderTable<Verdict>(
    [
      { title: "phase", cell: ({ phase }) => phase },
      { title: "files", cell: ({ files }) => (files === null ? "" : count(files)) },
      { title: "what", cell: ({ what }) => what },
      { title: "wanted", cell: ({ wanted }) => wanted },
      { title: "found", cell: ({ found }) => found },
      { title: "met", cell: ({ isMet }) => (isMet === null ? "–" : isMet ? "yes" : "**no**") },
    ],
    verdicts,
  );
  return `## What is wanted, and what was found

${table}`;
}

interface Row extends PhaseResult {
  readonly median: Median | null;
  readonly floor: Median | null;
}

const phaseWords: Readonly<Record<PhaseResult["phase"], string>> = {
  initial: "initial build",
  unchanged: "nothing changed",
  edited: "1 % edited, 0.1 % deleted, 0.1 % added",
  touched: "1 % touched, content equal",
  renamed: "10 % renamed",
  splitter: "splitter's code edited",
  reexport: "written again",
  interrupted: "initial build, killed half-way",
  resumed: "and run again",
};

const phaseColumn: Column<Row> = { title: "phase", cell: ({ phase }) => phaseWords[phase] };
const nameColumn: Column<Row> = { title: "program", cell: ({ contender }) => contender };
const useColumns: readonly Column<Row>[] = [
  { title: "CPU", cell: ({ median, failure }) => orFailed(median && milliseconds(median.cpuMs), failure) },
  { title: "of the floor's", cell: ({ median, floor }) => ratio(median?.cpuMs, floor?.cpuMs) },
  { title: "wall", cell: ({ median }) => milliseconds(median?.wallMs ?? null) },
  { title: "memory", cell: ({ median }) => megabytes(median?.peakBytes ?? null) },
  { title: "rounds", cell: ({ median }) => count(median?.rounds ?? 0) },
];

function renderSize(files: number, results: readonly PhaseResult[]): string {
  const rows = rowsOf(results.filter((each) => each.files === files));
  const done = rows.filter(({ median }) => median?.counts);
  return `## ${count(files)} files

${renderTable([phaseColumn, nameColumn, ...useColumns], rows)}
What was done for it:

${renderTable([phaseColumn, nameColumn, ...countColumns, ...diskColumns], done)}`;
}

const countColumns: readonly Column<Row>[] = (
  [
    ["files read", "filesRead"],
    ["pieces made", "chunks"],
    ["embedder calls", "embedCalls"],
    ["texts", "embedTexts"],
    ["target calls", "targetCalls"],
    ["writes", "targetWrites"],
    ["deletions", "targetDeletes"],
    ["transactions", "transactions"],
  ] as const
).map(([title, name]) => ({ title, cell: ({ median }) => counted(median!.counts!, name) }));

const diskColumns: readonly Column<Row>[] = [
  { title: "written", cell: ({ median }) => megabytes(median?.writtenBytes ?? null) },
  { title: "state on disk", cell: ({ median }) => megabytes(median?.counts?.storeBytes ?? null) },
];

function counted(counts: Counts, name: keyof Counts): string {
  const number = counts[name];
  return number === null ? "–" : count(number);
}

function rowsOf(results: readonly PhaseResult[]): Row[] {
  const order = Object.keys(phaseWords);
  return [...results]
    .sort((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase))
    .map((result) => ({
      ...result,
      median: medianOfRounds(result),
      floor: medianOf(results, { ...result, contender: "floor" }),
    }));
}

function renderNetwork(phases: readonly PhaseResult[]): string {
  const rows = rowsOf(phases.filter(({ delay }) => delay > 0));
  if (rows.length === 0) return "";
  const files: Column<Row> = { title: "files", cell: (row) => count(row.files) };
  const delay: Column<Row> = { title: "a call waits", cell: (row) => milliseconds(row.delay) };
  const calls: Column<Row> = {
    title: "embedder calls",
    cell: ({ median }) => (median?.counts ? counted(median.counts, "embedCalls") : "–"),
  };
  return `## A model behind a network

The initial build with an embedder whose calls take time.

${renderTable([files, delay, nameColumn, ...useColumns, calls], rows)}`;
}

function renderTargets(phases: readonly PhaseResult[]): string {
  const rows = rowsOf(phases.filter(({ target }) => target !== "counting"));
  if (rows.length === 0) return "";
  const target: Column<Row> = { title: "target", cell: (row) => row.target };
  const columns = [phaseColumn, target, ...useColumns.filter(({ title }) => title !== "of the floor's")];
  return `## Real targets

Sluice with ${count(rows[0]!.files)} files and a target that keeps what it is given.

${renderTable([...columns, ...diskColumns], rows)}`;
}

function renderRightness(rightness: readonly RightnessResult[]): string {
  if (rightness.length === 0) return "";
  const table = renderTable<RightnessResult>(
    [
      { title: "files", cell: ({ files }) => count(files) },
      { title: "program", cell: ({ contender }) => contender },
      { title: "after", cell: ({ what }) => (what === "phases" ? "all phases" : "a crash, and once more") },
      { title: "rows", cell: ({ rows }) => count(rows) },
      { title: "stale", cell: ({ stale }) => count(stale) },
      { title: "missing", cell: ({ missing }) => count(missing) },
    ],
    rightness,
  );
  return `## Whether the rows are right

What the target holds in the end, compared by file and text with what the same program makes of the same files from nothing.

${table}`;
}

function renderBursts(bursts: readonly BurstResult[]): string {
  if (bursts.length === 0) return "";
  const middle = ({ rounds }: BurstResult) => middleUse(rounds.map((round) => ({ ...round, peakBytes: 0 })))!;
  const last = ({ rounds }: BurstResult) => rounds.at(-1)!.counts;
  const table = renderTable<BurstResult>(
    [
      { title: "files", cell: ({ files }) => count(files) },
      { title: "edits", cell: ({ edits }) => count(edits) },
      { title: "until durable", cell: (burst) => milliseconds(middle(burst).wallMs) },
      { title: "CPU", cell: (burst) => milliseconds(middle(burst).cpuMs) },
      { title: "files read", cell: (burst) => counted(last(burst), "filesRead") },
      { title: "texts embedded", cell: (burst) => counted(last(burst), "embedTexts") },
      { title: "embedder calls", cell: (burst) => counted(last(burst), "embedCalls") },
      { title: "target calls", cell: (burst) => counted(last(burst), "targetCalls") },
      { title: "transactions", cell: (burst) => counted(last(burst), "transactions") },
      { title: "rounds", cell: ({ rounds }) => count(rounds.length) },
    ],
    bursts,
  );
  return `## A burst of edits while live

From the first edit until all of them are durable, while a live update follows the folder; [live updates](live.md) are measured on a page of their own.

${table}`;
}

const sizedColumns: readonly Column<SizedResult>[] = [
  { title: "CPU", cell: ({ cpuMs }) => milliseconds(cpuMs) },
  { title: "for each", cell: ({ cpuMs, size }) => `${Number(((cpuMs / size) * 1_000).toPrecision(3))} µs` },
  { title: "wall", cell: ({ wallMs }) => milliseconds(wallMs) },
  { title: "memory", cell: ({ peakBytes }) => megabytes(peakBytes) },
];

function renderSources(sources: readonly SizedResult[]): string {
  if (sources.length === 0) return "";
  const columns = [
    { title: "rows", cell: ({ size }: SizedResult) => count(size) },
    { title: "phase", cell: ({ phase }: SizedResult) => phaseWords[phase] },
    ...sizedColumns,
  ];
  return `## How it grows with rows

A source that is nothing but rows, each with a version, and a target that does nothing; once.

${renderTable(columns, sources)}`;
}

function renderWideRows(wideRows: readonly SizedResult[]): string {
  if (wideRows.length === 0) return "";
  const edited = (phase: SizedResult["phase"]) =>
    phase === "edited" ? "one piece edited" : phaseWords[phase];
  const columns = [
    { title: "pieces", cell: ({ size }: SizedResult) => count(size) },
    { title: "phase", cell: ({ phase }: SizedResult) => edited(phase) },
    ...sizedColumns,
  ];
  return `## One row of many pieces

A source of one row, whose lines are rows of the target; once.

${renderTable(columns, wideRows)}`;
}

function renderStartups({ startups }: UpdateResults): string {
  if (startups.length === 0) return "";
  const of = ({ rounds }: (typeof startups)[number]) => middleUse(rounds)!;
  const table = renderTable<(typeof startups)[number]>(
    [
      { title: "command", cell: ({ command }) => `\`${command}\`` },
      { title: "CPU", cell: (startup) => milliseconds(of(startup).cpuMs) },
      { title: "wall", cell: (startup) => milliseconds(of(startup).wallMs) },
      { title: "memory", cell: (startup) => megabytes(of(startup).peakBytes) },
      { title: "rounds", cell: ({ rounds }) => count(rounds.length) },
    ],
    startups,
  );
  return `## Starting

${table}`;
}

function renderProfiles(profiles: readonly ProfileResult[]): string {
  if (profiles.length === 0) return "";
  const names = [...new Set(profiles.flatMap(({ areas }) => areas.map(({ area }) => area)))];
  const time = ({ areas }: ProfileResult, name: string) => areas.find(({ area }) => area === name)?.ms ?? 0;
  const whole = ({ areas }: ProfileResult) => areas.reduce((sum, { ms }) => sum + ms, 0);
  const columns: Column<string>[] = [
    { title: "what for", cell: (name) => name },
    ...profiles.map((profile) => ({
      title: `${phaseWords[profile.phase]}, ${count(profile.files)}`,
      cell: (name: string) => `${percent(time(profile, name) / whole(profile))}`,
    })),
  ];
  return `## Where the time goes

Of the time of the main thread, waiting for the disk within a transaction included, as Node's profiler sees it.

${renderTable(columns, names)}`;
}

function sizesOf(results: readonly PhaseResult[]): number[] {
  return [...new Set(results.map(({ files }) => files))];
}

function ratio(ours: number | undefined, floor: number | undefined): string {
  if (ours === undefined || floor === undefined || floor === 0) return "–";
  return `${Number((ours / floor).toPrecision(3))} ×`;
}

function orFailed(text: string | null, failure: string | null): string {
  if (failure !== null) return "failed";
  return text ?? "–";
}
