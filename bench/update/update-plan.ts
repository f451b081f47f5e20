import { parseArgs } from "node:util";
import { type Contender, contenders } from "./contenders.ts";
import type { PhaseName } from "./results.ts";
import { type Entrant, phases, type Series } from "./series.ts";

/** What is measured. */
export interface UpdatePlan {
  readonly files: readonly number[];
  readonly batch: number;
  readonly seed: number;
  readonly rounds: number;
  readonly series: readonly Series[];
  /** Files of the round that is checked for right rows; 0: none. */
  readonly rightFiles: number;
  /** Edits at once while live; 0: none. */
  readonly burst: number;
  readonly sourceRows: readonly number[];
  readonly widePieces: readonly number[];
  readonly startups: number;
  /** Whether it is looked where the time of Sluice goes. */
  readonly profiles: boolean;
  /** Whether this is all there is, so that the page is made of it. */
  readonly isWhole: boolean;
  /** Makes the page again, of the results that there are. */
  readonly renderOnly: boolean;
}

/** What `npm run bench -- update --help` says. */
export const updateUsage = `npm run bench -- update [options]; without options all of it is measured, and the page written

  --files 10000,100000           sizes of corpora
  --contenders floor,sluice,…    who takes part; all
  --phases initial,unchanged,…   what they go through; all
  --rounds 3                     how often, for the middle one
  --rival-rounds 3               the same of the others' programs that the figures to be reached name; the rest: once
  --targets files,lancedb,pglite real targets, with Sluice, on the smallest corpus
  --delay 50                     milliseconds that a call of the embedder waits, in one more series; 0: none
  --right 2000                   files of the round that is checked for right rows; 0: none
  --burst 1000                   edits at once while live; 0: none
  --rows 10000,100000,1000000    sizes of sources that are nothing but rows
  --pieces 100000                pieces of one row
  --startups 5                   how often the command line is started; 0: never
  --profiles                     where the time of Sluice goes
  --batch 64                     texts in a call of the embedder at most
  --seed 1                       what files are drawn from
  --only                         leave out what no option names
  --render                       measure nothing, and make the page of the results that there are
`;

/** On larger corpora all go through the phases that figures are to be reached in alone: others' programs take minutes. */
const longCorpus = 10_000;
const longPhases: readonly PhaseName[] = ["initial", "unchanged", "edited", "touched", "renamed"];
const longRivalPhases: readonly PhaseName[] = ["initial", "unchanged", "edited"];
const targetPhases: readonly PhaseName[] = ["initial", "unchanged", "edited"];

/** Throws the usage where the arguments are none. */
export function planUpdate(args: readonly string[]): UpdatePlan {
  const given = parse(args);
  const left = given.only ?? false;
  const numbers = (text: string | undefined, whole: string) => numbersOf(text ?? (left ? "" : whole));
  const number = (text: string | undefined, whole: number) => numberOf(text ?? String(left ? 0 : whole));
  const options = {
    files: numbersOf(given.files ?? "10000,100000"),
    rounds: numberOf(given.rounds ?? "3"),
    rivalRounds: numberOf(given["rival-rounds"] ?? "3"),
    contenders: namesOf(
      given.contenders,
      contenders.map(({ name }) => name),
    ),
    phases: namesOf(given.phases, [...phases.map(({ name }) => name), "interrupted", "resumed"]),
    targets: namesOf(given.targets ?? (left ? "" : undefined), ["files", "lancedb", "pglite"] as const),
    delay: number(given.delay, 50),
  };
  return {
    files: options.files,
    batch: numberOf(given.batch ?? "64"),
    seed: numberOf(given.seed ?? "1"),
    rounds: options.rounds,
    series: seriesOf(options),
    rightFiles: number(given.right, 2_000),
    burst: number(given.burst, 1_000),
    sourceRows: numbers(given.rows, "10000,100000,1000000"),
    widePieces: numbers(given.pieces, "100000"),
    startups: number(given.startups, 5),
    profiles: given.profiles ?? !left,
    isWhole: args.length === 0,
    renderOnly: given.render ?? false,
  };
}

interface SeriesOptions {
  readonly files: readonly number[];
  readonly rounds: number;
  readonly rivalRounds: number;
  readonly contenders: readonly string[];
  readonly phases: readonly PhaseName[];
  readonly targets: readonly ("files" | "lancedb" | "pglite")[];
  readonly delay: number;
}

function seriesOf(options: SeriesOptions): Series[] {
  const { files, targets, delay } = options;
  const smallest = Math.min(...files);
  const series: Series[] = files.map((size) => ({
    title: "a target that counts",
    files: size,
    delay: 0,
    entrants: entrantsOf(
      options,
      (phase, contender) => size <= longCorpus || phasesOnLong(contender).includes(phase),
    ),
  }));
  if (delay > 0)
    series.push({
      title: `${delay} ms a call`,
      files: smallest,
      delay,
      entrants: entrantsOf(options, (phase) => phase === "initial"),
    });
  const sluice = contenders.find(({ name }) => name === "sluice")!;
  const entrants = targets.map((target) => ({
    contender: sluice,
    target,
    rounds: Math.min(1, options.rounds),
    phases: targetPhases,
  }));
  if (entrants.length > 0) series.push({ title: "real targets", files: smallest, delay: 0, entrants });
  return series.filter((one) => one.entrants.length > 0);
}

function entrantsOf(
  { contenders: names, phases: wanted, rounds, rivalRounds }: SeriesOptions,
  takes: (phase: PhaseName, contender: Contender) => boolean,
): Entrant[] {
  return contenders
    .filter(({ name }) => names.includes(name))
    .map((contender) => ({
      contender,
      target: "counting" as const,
      rounds: roundsOf(contender, { rounds, rivalRounds }),
      phases: contender.phases.filter((phase) => wanted.includes(phase) && takes(phase, contender)),
    }))
    .filter(({ phases }) => phases.length > 0);
}

function phasesOnLong({ isRival, isAside }: Contender): readonly PhaseName[] {
  if (!isRival) return longPhases;
  return isAside ? [] : longRivalPhases;
}

function roundsOf(
  { isRival, isAside }: Contender,
  { rounds, rivalRounds }: Pick<SeriesOptions, "rounds" | "rivalRounds">,
): number {
  if (!isRival) return rounds;
  return isAside ? Math.min(1, rivalRounds) : rivalRounds;
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        files: text,
        contenders: text,
        phases: text,
        rounds: text,
        "rival-rounds": text,
        targets: text,
        delay: text,
        right: text,
        burst: text,
        rows: text,
        pieces: text,
        startups: text,
        batch: text,
        seed: text,
        profiles: flag,
        only: flag,
        render: flag,
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${updateUsage}`);
  }
}

function namesOf<N extends string>(text: string | undefined, known: readonly N[]): N[] {
  if (text === undefined) return [...known];
  const names = text.split(",").filter((name) => name !== "");
  const unknown = names.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")}\n\n${updateUsage}`);
  return known.filter((name) => names.includes(name));
}

/** Zeros stand for nothing. */
function numbersOf(text: string): number[] {
  return text
    .split(",")
    .filter((each) => each !== "")
    .map(numberOf)
    .filter((number) => number > 0);
}

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${text} is no whole number\n\n${updateUsage}`);
}
