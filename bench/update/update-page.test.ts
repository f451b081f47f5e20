import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { updateNotesFile, updatePageFile, updateResultsFile } from "./bench-update.ts";
import type { Counts } from "./counts.ts";
import type { ContenderName, PhaseName, PhaseResult, UpdateResults } from "./results.ts";
import { renderUpdatePage } from "./update-page.ts";
import { judge } from "./verdicts.ts";

const noCounts: Counts = {
  filesRead: 0,
  chunks: 0,
  embedCalls: 0,
  embedTexts: 0,
  targetCalls: 0,
  targetWrites: 0,
  targetDeletes: 0,
  transactions: 0,
  storeBytes: null,
};

function measured(
  contender: ContenderName,
  phase: PhaseName,
  { cpu, files = 100_000, ...counts }: { cpu: readonly number[]; files?: number } & Partial<Counts>,
): PhaseResult {
  return {
    files,
    phase,
    contender,
    target: "counting",
    delay: 0,
    rounds: cpu.map((cpuMs) => ({
      wallMs: cpuMs * 2,
      cpuMs,
      peakBytes: 1e6,
      writtenBytes: 2e6,
      counts: { ...noCounts, ...counts },
    })),
    failure: null,
  };
}

function resultsOf(phases: readonly PhaseResult[], more: Partial<UpdateResults> = {}): UpdateResults {
  return {
    command: "npm run bench -- update",
    machine: {
      cpu: "Abacus",
      cores: 2,
      memoryBytes: 8e9,
      system: "Linux 1",
      node: "v20.0.0",
      fileSystem: "ext4",
      loadBefore: 0.01,
      commit: null,
      date: "2026-01-01 00:00",
    },
    batch: 64,
    absent: {},
    phases,
    texts: [],
    rightness: [],
    bursts: [],
    sources: [],
    wideRows: [],
    startups: [],
    profiles: [],
    ...more,
  };
}

function verdictOf(results: UpdateResults, phase: string, what: string) {
  return judge(results).find((verdict) => verdict.phase === phase && verdict.what === what);
}

test("the middle one of the rounds is compared with the floor's", () => {
  const floor = measured("floor", "unchanged", { cpu: [90, 100, 900] });
  const near = resultsOf([floor, measured("sluice", "unchanged", { cpu: [1, 130, 140] })]);
  expect(verdictOf(near, "unchanged", "CPU, of the floor's")).toMatchObject({ found: "1.3 ×", isMet: true });
  const far = resultsOf([floor, measured("sluice", "unchanged", { cpu: [1, 131, 140] })]);
  expect(verdictOf(far, "unchanged", "CPU, of the floor's")).toMatchObject({ found: "1.31 ×", isMet: false });
});

test("other programs are to take so many times as much; who was not run has no verdict", () => {
  const results = resultsOf([
    measured("sluice", "unchanged", { cpu: [100] }),
    measured("langchain-full", "unchanged", { cpu: [7_999] }),
  ]);
  expect(verdictOf(results, "unchanged", "CPU, less than of langchain-full")).toMatchObject({ isMet: false });
  expect(verdictOf(results, "unchanged", "CPU, less than of llamaindex")).toMatchObject({
    found: "–",
    isMet: null,
  });
});

test("calls of the embedder may be two in a hundred more than full batches", () => {
  const texts = [{ files: 100_000, phase: "initial", pieces: 7_000, newTexts: 6_400 }] as const;
  for (const [embedCalls, isMet] of [
    [102, true],
    [103, false],
  ] as const) {
    const results = resultsOf([measured("sluice", "initial", { cpu: [1], embedCalls })], { texts });
    expect(verdictOf(results, "initial", "calls of the embedder")).toMatchObject({ isMet });
  }
});

test("written is what the floor writes, and no more", () => {
  const floor = measured("floor", "edited", { cpu: [1], targetWrites: 10, targetDeletes: 2 });
  for (const [targetWrites, isMet] of [
    [10, true],
    [11, false],
  ] as const) {
    const sluice = measured("sluice", "edited", { cpu: [1], targetWrites, targetDeletes: 2 });
    const verdict = verdictOf(resultsOf([floor, sluice]), "edited", "target writes and deletions");
    expect(verdict).toMatchObject({ wanted: "at most 12", isMet });
  }
});

test("the page has the figures of the results, each with its unit, and the notes as they are", () => {
  const failed = { ...measured("llamaindex", "initial", { cpu: [] }), failure: "out of memory" };
  const phases = [
    measured("sluice", "initial", { cpu: [3_000, 1_000, 2_000], filesRead: 100_000, storeBytes: 5e6 }),
    measured("floor", "initial", { cpu: [1_000] }),
    failed,
  ];
  const page = renderUpdatePage(resultsOf(phases, { absent: { cocoindex: "it is not" } }), "## Notes\n");
  expect(page).toContain("Abacus, 2 cores");
  expect(page).toContain("| initial build | sluice | 2,000 ms | 2 × | 4,000 ms | 1.0 MB | 3 |");
  expect(page).toContain("| initial build | llamaindex | failed | – | – | – | 0 |");
  expect(page).toContain(
    "| initial build | sluice | 100,000 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 2.0 MB | 5.0 MB |",
  );
  expect(page).toContain("Not there: cocoindex, since it is not.");
  expect(page).toMatch(/## Notes\n$/);
});

test("what the disk was given is not said where a round does not know it", () => {
  const known = measured("sluice", "initial", { cpu: [1_000, 2_000], storeBytes: 5e6 });
  const rounds = known.rounds.map((round, at) => (at === 0 ? round : { ...round, writtenBytes: null }));
  const page = renderUpdatePage(resultsOf([{ ...known, rounds }]), "## Notes\n");
  expect(page).toContain("| – | 5.0 MB |");
});

test("the page in the manual is what its results make of it (npm run bench -- update --render)", () => {
  expect(existsSync(updatePageFile)).toBe(existsSync(updateResultsFile));
  if (!existsSync(updatePageFile)) return;
  const kept = JSON.parse(readFileSync(updateResultsFile, "utf8")) as UpdateResults;
  expect(readFileSync(updatePageFile, "utf8")).toBe(
    renderUpdatePage(kept, readFileSync(updateNotesFile, "utf8")),
  );
});
