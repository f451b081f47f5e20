import { z } from "zod";
import { localFiles } from "../../src/connectors/local-files/index.ts";
import {
  configure,
  defineFlow,
  defineFunction,
  defineTarget,
  type EngineEvent,
  type LiveUpdater,
} from "../../src/index.ts";
import { answer, givenArgument } from "../child.ts";
import { type MemoryUse, memoryUse } from "../memory-use.ts";
import { monotonicMs } from "../monotonic.ts";
import type { Arrivals } from "./edits.ts";
import { stampOf } from "./stamp.ts";

/*
 * The process that is measured: a live update of a folder, with a target that notes what comes and when.
 */

export interface FollowerArgument {
  readonly appDirectory: string;
  /** Below the app directory. */
  readonly folder: string;
}

/** How long a live update took to begin, in milliseconds. */
export interface Start {
  readonly armedMs: number;
  readonly caughtUpMs: number;
}

/** What the process has used, and done, since it began. */
export interface Use {
  /** Of all its threads. */
  readonly cpuMs: number;
  readonly atMs: number;
  readonly told: number;
  readonly read: number;
  readonly transactions: number;
  readonly targetCalls: number;
  readonly listings: number;
  readonly failed: number;
}

interface Taken extends Arrivals {
  /** How long changes took from when the watcher told of them until they were durable. */
  readonly lagsMs: readonly number[];
}

interface MutableTaken extends Taken {
  readonly paths: string[];
  readonly stamps: (number | null)[];
  readonly at: number[];
  readonly lagsMs: number[];
}

const nothing = (): MutableTaken => ({ paths: [], stamps: [], at: [], lagsMs: [] });

const { appDirectory, folder } = givenArgument<FollowerArgument>();
let taken = nothing();
let transactions = 0;
let armedAt = 0;

const arrivals = defineTarget({
  kind: "arrivals",
  spec: z.object({}),
  key: z.object({ filename: z.string() }),
  value: z.object({ stamp: z.number() }),
  getPersistentKey: () => "arrivals",
  applySetupChange: () => {},
  mutate(batches) {
    const at = monotonicMs();
    for (const { mutations } of batches) {
      for (const { key, value } of mutations) {
        taken.paths.push(key.filename);
        taken.stamps.push(value?.stamp ?? null);
        taken.at.push(at);
      }
    }
  },
});

const stamp = defineFunction({
  name: "stamp",
  version: 1,
  input: { text: z.string() },
  output: z.number(),
  run: ({ text }) => stampOf(text),
});

configure({ appDirectory });
const flow = defineFlow("FollowFolder", (builder) => {
  const pages = builder.addSource("pages", localFiles({ path: folder, watchChanges: true }));
  const out = builder.addCollector<{ filename: string; stamp: number }>();
  pages.forEachRow((page) => out.collect({ filename: page.filename, stamp: page.content.transform(stamp) }));
  out.export("Arrivals", arrivals({}), { primaryKeyFields: ["filename"] });
});

let updater: LiveUpdater | null = null;

function hear(event: EngineEvent, caughtUp: () => void): void {
  if (event.kind === "store-written") transactions++;
  else if (event.kind === "row-done" && event.lagMs !== undefined) taken.lagsMs.push(event.lagMs);
  else if (event.kind === "watch-armed") armedAt = monotonicMs();
  else if (event.kind === "caught-up") caughtUp();
  else if (event.kind === "watch-ended" || event.kind === "watch-degraded") console.error(event);
}

async function start(): Promise<Start> {
  await flow.setup();
  const began = monotonicMs();
  await new Promise<void>((resolve, reject) => {
    updater = flow.liveUpdate({ report: (event) => hear(event, resolve) });
    updater.wait().catch(reject);
  });
  return { armedMs: armedAt - began, caughtUpMs: monotonicMs() - began };
}

function use(): Use {
  const { user, system } = process.cpuUsage();
  const { info, sources } = updater!.updateStats();
  const { read, failed } = info.sources.pages!;
  const { changes, listings } = sources.pages!;
  const targetCalls = info.targets.Arrivals!.calls;
  const cpuMs = (user + system) / 1_000;
  return { cpuMs, atMs: monotonicMs(), told: changes, read, transactions, targetCalls, listings, failed };
}

/** What has come since it was asked for last. */
function take(): Taken {
  const all = taken;
  taken = nothing();
  return all;
}

const answers = {
  start,
  use,
  take,
  memory: (): Promise<MemoryUse> => memoryUse(),
  stop: () => updater!.abort(),
};
export type FollowerAnswers = typeof answers;
answer(answers);
