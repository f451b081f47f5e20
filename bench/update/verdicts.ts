import { count, milliseconds } from "../report.ts";
import type { ProcessUse } from "./measure-process.ts";
import { type Median, medianOf, middleUse, type PhaseOf } from "./medians.ts";
import type { ContenderName, PhaseName, UpdateResults } from "./results.ts";

/** Something that updates should come to, and what they came to. */
export interface Verdict {
  readonly phase: string;
  readonly files: number | null;
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  /** Null where there are no figures. */
  readonly isMet: boolean | null;
}

const small = 10_000;
const large = 100_000;
/** Fewer rows than that in a call or a transaction are no group. */
const fewestRowsOfGroup = 100;

/** Judges results by what is asked of updates; what was not measured has no verdict. */
export function judge(results: UpdateResults): Verdict[] {
  const judged = new Judge(results);
  return [
    ...unchanged(judged),
    ...edited(judged),
    ...initial(judged),
    ...renamed(judged),
    ...memory(judged),
    ...starting(results),
  ];
}

function unchanged(judged: Judge): Verdict[] {
  const at = { phase: "unchanged", files: large } as const;
  const counts = (what: string, most: number, of: (median: Median) => number | null) =>
    judged.count({ ...at, what, most, of });
  return [
    judged.toFloor({ ...at, most: 1.3 }),
    judged.toRival({ ...at, least: 80 }, "langchain-full"),
    judged.toRival({ ...at, least: 25 }, "llamaindex"),
    counts("files read", 0, (median) => median.counts!.filesRead),
    counts("calls of the embedder", 0, (median) => median.counts!.embedCalls),
    counts("target writes and deletions", 0, written),
    counts("write transactions", 2, (median) => median.counts!.transactions),
    judged.overFloor({ phase: "unchanged", files: small, mostMs: 200 }),
    judged.toRival({ phase: "unchanged", files: small, least: 16 }, "langchain-full"),
    judged.toRival({ phase: "unchanged", files: small, least: 6 }, "llamaindex"),
  ];
}

function edited(judged: Judge): Verdict[] {
  const at = { phase: "edited", files: large } as const;
  const asFloor = (what: string, of: (median: Median) => number | null) => {
    const floor = judged.median({ ...at, contender: "floor" });
    return judged.count({ ...at, what, most: floor && of(floor), of });
  };
  return [
    judged.toFloor({ ...at, most: 1.4 }),
    judged.toRival({ ...at, least: 60 }, "langchain-full"),
    judged.toRival({ ...at, least: 16 }, "llamaindex"),
    asFloor("files read", (median) => median.counts!.filesRead),
    judged.textsEmbedded(at),
    judged.embedCalls(at),
    asFloor("target writes and deletions", written),
  ];
}

function initial(judged: Judge): Verdict[] {
  const at = { phase: "initial", files: large } as const;
  const network = { phase: "initial", files: small, least: 12, ofWall: true } as const;
  return [
    judged.toFloor({ ...at, most: 2 }),
    judged.toRival({ ...at, least: 18 }, "langchain-full"),
    judged.toRival({ ...at, least: 70 }, "llamaindex"),
    judged.embedCalls(at),
    judged.group({ ...at, what: "rows in a target call", of: ({ targetCalls }) => targetCalls }),
    judged.group({ ...at, what: "rows in a write transaction", of: ({ transactions }) => transactions }),
    judged.toRival(network, "langchain-full"),
    judged.toRival(network, "llamaindex"),
  ];
}

function renamed(judged: Judge): Verdict[] {
  return [small, large].flatMap((files) => [
    judged.toFloor({ phase: "renamed", files, most: 1.7 }),
    judged.count({
      phase: "renamed",
      files,
      what: "calls of the embedder",
      most: 0,
      of: (median) => median.counts!.embedCalls,
    }),
  ]);
}

function memory(judged: Judge): Verdict[] {
  return (
    [
      ["initial", 2],
      ["unchanged", 1.5],
    ] as const
  ).flatMap(([phase, most]) => [judged.memoryToFloor(phase, most), judged.memoryGrowth(phase, most)]);
}

function starting({ startups }: UpdateResults): Verdict[] {
  return (
    [
      ["sluice --help", 120],
      ["sluice ls", 350],
    ] as const
  ).map(([command, mostMs]) => {
    const started = startups.find((each) => each.command.startsWith(command));
    const use = started ? middleUse(started.rounds) : null;
    return {
      phase: "starting",
      files: null,
      what: `CPU of \`${command}\``,
      wanted: `under ${milliseconds(mostMs)}`,
      found: milliseconds(use?.cpuMs ?? null),
      isMet: use && use.cpuMs < mostMs,
    };
  });
}

function written({ counts }: Median): number {
  return counts!.targetWrites + counts!.targetDeletes;
}

interface At {
  readonly phase: PhaseName;
  readonly files: number;
}

class Judge {
  readonly #results: UpdateResults;

  constructor(results: UpdateResults) {
    this.#results = results;
  }

  median(of: PhaseOf): Median | null {
    return medianOf(this.#results.phases, of);
  }

  toFloor({ phase, files, most }: At & { readonly most: number }): Verdict {
    return this.#ratio({ phase, files, what: "CPU, of the floor's", most }, (use) => use.cpuMs);
  }

  memoryToFloor(phase: PhaseName, most: number): Verdict {
    return this.#ratio({ phase, files: large, what: "memory, of the floor's", most }, (use) => use.peakBytes);
  }

  overFloor({ phase, files, mostMs }: At & { readonly mostMs: number }): Verdict {
    const [ours, floor] = this.#pair({ phase, files }, "floor");
    const over = ours && floor && ours.cpuMs - floor.cpuMs;
    return {
      phase,
      files,
      what: "CPU, more than the floor's",
      wanted: `at most ${milliseconds(mostMs)}`,
      found: milliseconds(over),
      isMet: over === null ? null : over <= mostMs,
    };
  }

  /** How many times less it takes than another program. */
  toRival(
    { phase, files, least, ofWall = false }: At & { readonly least: number; readonly ofWall?: boolean },
    rival: ContenderName,
  ): Verdict {
    const delay = ofWall ? this.#delay(files) : 0;
    const [ours, theirs] = this.#pair({ phase, files }, rival, delay);
    const of = (use: ProcessUse) => (ofWall ? use.wallMs : use.cpuMs);
    const ratio = ours && theirs && of(theirs) / of(ours);
    return {
      phase: ofWall ? `${phase}, ${delay} ms a call` : phase,
      files,
      what: `${ofWall ? "wall" : "CPU"}, less than of ${rival}`,
      wanted: `at least ${least} ×`,
      found: times(ratio),
      isMet: ratio === null ? null : ratio >= least,
    };
  }

  count({
    phase,
    files,
    what,
    most,
    of,
  }: At & {
    readonly what: string;
    readonly most: number | null;
    readonly of: (median: Median) => number | null;
  }): Verdict {
    const ours = this.median({ phase, files, contender: "sluice" });
    const found = ours && of(ours);
    return {
      phase,
      files,
      what,
      wanted: most === null ? "–" : `at most ${count(most)}`,
      found: found === null ? "–" : count(found),
      isMet: most === null || found === null ? null : found <= most,
    };
  }

  textsEmbedded(at: At): Verdict {
    const texts = this.#newTexts(at);
    return this.count({ ...at, what: "texts embedded", most: texts, of: ({ counts }) => counts!.embedTexts });
  }

  /** Two in a hundred more than full batches would be. */
  embedCalls(at: At): Verdict {
    const texts = this.#newTexts(at);
    const full = texts && Math.ceil(texts / this.#results.batch);
    const most = full && Math.floor(full * 1.02);
    return this.count({
      ...at,
      what: "calls of the embedder",
      most,
      of: ({ counts }) => counts!.embedCalls,
    });
  }

  group({
    phase,
    files,
    what,
    of,
  }: At & {
    readonly what: string;
    readonly of: (counts: NonNullable<Median["counts"]>) => number | null;
  }): Verdict {
    const ours = this.median({ phase, files, contender: "sluice" });
    const groups = ours && of(ours.counts!);
    const rows = groups && ours.counts!.targetWrites / groups;
    return {
      phase,
      files,
      what,
      wanted: `at least ${fewestRowsOfGroup}`,
      found: rows === null ? "–" : count(rows),
      isMet: rows === null ? null : rows >= fewestRowsOfGroup,
    };
  }

  memoryGrowth(phase: PhaseName, most: number): Verdict {
    const at = (files: number) => this.median({ phase, files, contender: "sluice" });
    const [before, after] = [at(small), at(large)];
    const ratio = before && after && after.peakBytes / before.peakBytes;
    return {
      phase,
      files: large,
      what: `memory, of that of ${count(small)} files`,
      wanted: `at most ${most} ×`,
      found: times(ratio),
      isMet: ratio === null ? null : ratio <= most,
    };
  }

  #ratio(
    { phase, files, what, most }: At & { readonly what: string; readonly most: number },
    of: (use: ProcessUse) => number,
  ): Verdict {
    const [ours, floor] = this.#pair({ phase, files }, "floor");
    const ratio = ours && floor && of(ours) / of(floor);
    const isMet = ratio === null ? null : ratio <= most;
    return { phase, files, what, wanted: `at most ${most} ×`, found: times(ratio), isMet };
  }

  #pair(at: At, other: ContenderName, delay = 0): [Median | null, Median | null] {
    return [
      this.median({ ...at, contender: "sluice", delay }),
      this.median({ ...at, contender: other, delay }),
    ];
  }

  /** That of the series in which calls wait. */
  #delay(files: number): number {
    return Math.max(
      0,
      ...this.#results.phases.filter((each) => each.files === files).map(({ delay }) => delay),
    );
  }

  #newTexts({ phase, files }: At): number | null {
    return this.#results.texts.find((each) => each.phase === phase && each.files === files)?.newTexts ?? null;
  }
}

function times(ratio: number | null): string {
  return ratio === null ? "–" : `${Number(ratio.toPrecision(3))} ×`;
}
