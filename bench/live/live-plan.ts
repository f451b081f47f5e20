import { parseArgs } from "node:util";

/** What is measured, and for how long. */
export interface LivePlan {
  /** Sizes of folders. */
  readonly files: readonly number[];
  /** Changes a second. */
  readonly rates: readonly number[];
  secondsOf(rate: number): number;
  /** None: it is left out. */
  readonly idleSeconds: number;
  /** Through the engine, to see whether memory grows; none: it is left out. */
  readonly changes: number;
  /** Whether this is all there is, so that the page is made of it. */
  readonly isWhole: boolean;
  /** Options of Node for the processes that are measured. */
  readonly measuredOptions: readonly string[];
}

/** A percentile of few values tells little, so that slow rates are watched for longer. */
const fewestEdits = 60;

/** What `npm run bench -- live --help` says. */
export const liveUsage = `npm run bench -- live [options]; without options all of it is measured, and the page written

  --files 10000,100000     sizes of folders
  --rates 1,100,1000       changes a second; with 0 none
  --seconds 20             for how long, and for 60 changes at the least
  --idle 60                for how many seconds it is left alone; with 0 not
  --changes 1000000        how many changes memory is watched over; with 0 none
  --profile DIRECTORY      where CPU profiles of the measured processes are left
`;

/** Throws the usage where the arguments are none. */
export function planLive(args: readonly string[]): LivePlan {
  const given = parse(args);
  const seconds = numberOf(given.seconds);
  return {
    files: numbersOf(given.files),
    rates: numbersOf(given.rates),
    secondsOf: (rate) => Math.max(seconds, Math.ceil(fewestEdits / rate)),
    idleSeconds: numberOf(given.idle),
    changes: numberOf(given.changes),
    isWhole: args.length === 0,
    measuredOptions: given.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${given.profile}`],
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        files: { type: "string", default: "10000,100000" },
        rates: { type: "string", default: "1,100,1000" },
        seconds: { type: "string", default: "20" },
        idle: { type: "string", default: "60" },
        changes: { type: "string", default: "1000000" },
        profile: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${liveUsage}`);
  }
}

/** Zeros stand for nothing. */
function numbersOf(text: string): number[] {
  return text
    .split(",")
    .map(numberOf)
    .filter((number) => number > 0);
}

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${text} is no whole number\n\n${liveUsage}`);
}
