import type { BookShape, Case, Edit, FaultKind, PortName } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";
import { Draw } from "../generate/draw.ts";
import { editFlow } from "../generate/edit-flow.ts";
import { EditGenerator } from "../generate/generate-edits.ts";
import { type CollectorPlan, generateFlow, sourceNames } from "../generate/generate-flow.ts";
import { repaired } from "../generate/valid-flow.ts";
import { type Books, edited, emptyBooks } from "../world/books.ts";
import { generateTellings } from "./generate-tellings.ts";
import type {
  AskOptions,
  FollowingShape,
  Incident,
  LiveRound,
  Telling,
  WatcherTrouble,
} from "./live-round.ts";
import { isFollowedBy } from "./live-round.ts";

/** The round of a seed. */
export function generateRound(seed: number, store: Case["store"]): LiveRound {
  const draw = new Draw(seed ^ 0x50a4);
  const names = draw.chance(0.6) ? ["ink"] : ["ink", "oak"];
  const head: Case = {
    seed,
    store,
    kills: false,
    concurrency: draw.pick([1, 64] as const),
    jitter: draw.chance(0.3) ? 0 : draw.between(1, 1_000_000),
    retentionMs: draw.chance(0.5) ? 0 : 7 * 24 * 3_600_000,
    rebuild: draw.chance(0.3),
    books: Object.fromEntries(names.map((name) => [name, generateBook(draw)])),
    flow: { sources: [], exports: [], versions: {} },
    steps: [],
  };
  return new RoundGenerator(draw, head).make();
}

function generateBook(draw: Draw): BookShape {
  return {
    keys: draw.weighted({ text: 3, number: 2, pair: 1 }),
    versions: draw.weighted({ content: 4, both: 2, ordinal: 3, none: 0.5 }),
    inline: draw.chance(0.2),
    ordered: draw.chance(0.5),
    repeats: draw.chance(0.1),
    page: draw.pick([1, 3, 100]),
  };
}

class RoundGenerator {
  readonly #draw: Draw;
  readonly #case: Case;
  readonly #data: EditGenerator;
  #plans: readonly CollectorPlan[] = [];
  #following: Readonly<Record<string, FollowingShape>> = {};

  constructor(draw: Draw, head: Case) {
    this.#draw = draw;
    this.#case = head;
    this.#data = new EditGenerator(draw, head.books, { held: true, failing: true });
  }

  make(): LiveRound {
    const draw = this.#draw;
    const before = this.#data.first();
    const rows = edited(emptyBooks(this.#case), before);
    const healing = this.#data.healing(rows);
    const flow = this.#flow([...rows.keys()]);
    this.#following = followingOfAll(draw);
    const incidents = this.#incidents(flow, edited(rows, healing));
    return {
      simulated: { ...this.#case, flow },
      first: [...before, ...healing],
      following: this.#followingWhere(flow, incidents),
      allowDeletions: draw.chance(0.8) ? false : draw.pick([true, 1, 12]),
      incidents,
    };
  }

  /** A flow that nothing tells of has no live update to speak of: its sources are listed now and then. */
  #followingWhere(flow: FlowShape, incidents: readonly Incident[]): LiveRound["following"] {
    const flows = [flow, ...incidents.flatMap((one) => (one.kind === "stop" && one.flow ? [one.flow] : []))];
    const isFollowed = ({ sources }: FlowShape) =>
      sources.some(({ name }) => isFollowedBy(this.#following[name]!));
    if (flows.every(isFollowed)) return this.#following;
    return Object.fromEntries(
      Object.entries(this.#following).map(([name, shape]) => [
        name,
        isFollowedBy(shape) ? shape : { ...shape, refreshMs: 60_000 },
      ]),
    );
  }

  #flow(books: readonly string[]): FlowShape {
    for (;;) {
      const made = generateFlow(this.#draw, books, { shared: true });
      const flow = repaired(made.flow);
      this.#plans = made.collectors;
      if (flow) return flow;
    }
  }

  #incidents(firstFlow: FlowShape, rows: Books): Incident[] {
    const draw = this.#draw;
    const incidents: Incident[] = [];
    let [flow, books, at] = [firstFlow, rows, 0];
    for (let left = draw.between(8, 40); left > 0; left--) {
      at += gap(draw);
      const kind = draw.weighted({ change: 24, weather: 6, watcher: 5, ask: 2, stop: 2 });
      if (kind === "change") {
        const edits = this.#edits(books);
        books = edited(books, edits);
        incidents.push({ kind, at, edits, tellings: this.#tellings(flow, edits) });
      } else if (kind === "stop") {
        const next = draw.chance(0.4) ? this.#editFlow(flow, books) : flow;
        incidents.push({ ...generateStop(draw), at, ...(next === flow ? {} : { flow: next }) });
        flow = next;
      } else if (kind === "weather") incidents.push({ ...generateWeather(draw), at });
      else if (kind === "ask")
        incidents.push({ kind, at, options: generateAsk(draw), times: draw.pick([1, 1, 3]) });
      else incidents.push({ ...generateTrouble(draw, flow), at });
    }
    return incidents;
  }

  #edits(books: Books): Edit[] {
    const edits: Edit[] = [];
    let now = books;
    for (let left = this.#draw.weighted({ one: 6, burst: 1 }) === "burst" ? 6 : 1; left > 0; left--) {
      const some = this.#data.some(now);
      edits.push(...some);
      now = edited(now, some);
    }
    return edits;
  }

  #tellings(flow: FlowShape, edits: readonly Edit[]): Telling[] {
    const draw = this.#draw;
    return flow.sources.flatMap(({ name, book }) => {
      const own = edits.flatMap((edit, i) => (edit.book === book ? [i] : []));
      const { watched, refreshMs } = this.#following[name]!;
      return watched && own.length > 0
        ? generateTellings(draw, { source: name, edits: own, mayLose: refreshMs !== null })
        : [];
    });
  }

  #editFlow(flow: FlowShape, books: Books): FlowShape {
    const draw = this.#draw;
    return editFlow(flow, { draw, plans: this.#plans, books: [...books.keys()], moving: true });
  }
}

/** In bursts, with rests between them. */
function gap(draw: Draw): number {
  switch (draw.weighted({ none: 4, moment: 6, seconds: 6, minutes: 3, long: 0.5 })) {
    case "none":
      return 0;
    case "moment":
      return draw.between(1, 30);
    case "seconds":
      return draw.between(200, 10_000);
    case "minutes":
      return draw.between(10_000, 200_000);
    case "long":
      return draw.between(200_000, 3_000_000);
  }
}

/** In some rounds nothing tells of the changes of one source; where the flow has no other, its live updates end. */
function followingOfAll(draw: Draw): Readonly<Record<string, FollowingShape>> {
  const unfollowed = draw.chance(0.1) ? draw.pick(sourceNames) : null;
  return Object.fromEntries(
    sourceNames.map((name) => {
      const shape = generateFollowing(draw);
      return [name, name === unfollowed ? { ...shape, watched: false, refreshMs: null } : shape];
    }),
  );
}

function generateFollowing(draw: Draw): FollowingShape {
  const watched = draw.chance(0.85);
  const refreshMs = !watched || draw.chance(0.25) ? draw.pick([20_000, 60_000, 600_000]) : null;
  return {
    watched,
    refreshMs,
    heartbeatMs: draw.pick([6_000, 60_000, 600_000]),
    armingMs: draw.pick([0, 0, 3, 2_000]),
  };
}

function generateAsk(draw: Draw): AskOptions {
  const allowDeletions = draw.pick([true, 3] as const);
  return draw.pick<AskOptions>([
    {},
    { reexportTargets: true },
    { fullReprocess: true },
    { retryFailed: true },
    { allowDeletions },
  ]);
}

function generateStop(draw: Draw): Omit<Extract<Incident, { kind: "stop" }>, "at"> {
  const how = draw.pick(["abort", "signal", "abort while asked"] as const);
  return { kind: "stop", how, downMs: draw.pick([0, 1, 1_000, 120_000]) };
}

function generateTrouble(
  draw: Draw,
  { sources }: FlowShape,
): Omit<Extract<Incident, { kind: "watcher" }>, "at"> {
  const does = draw.weighted<WatcherTrouble>({
    throws: 3,
    ends: 2,
    "is silent": 2,
    degrades: 2,
    "arms late": 2,
    "never arms": 1,
    "does not start": 1,
  });
  return { kind: "watcher", source: draw.pick(sources).name, does, forMs: draw.pick([100, 5_000, 200_000]) };
}

type Weights = { readonly [K in FaultKind]?: number };

/** What goes wrong for a while, and how often. */
const skies: Readonly<Partial<Record<PortName, { readonly weight: number; readonly how: Weights }>>> = {
  "store.write": { weight: 3, how: { fails: 1, "fails-after": 1, slow: 3, ends: 1, "ends-after": 1 } },
  "store.read": { weight: 1, how: { fails: 1, slow: 2, ends: 0.5 } },
  open: { weight: 0.5, how: { fails: 1 } },
  list: { weight: 3, how: { fails: 2, partly: 2, incomplete: 2, slow: 2, "ends-after": 0.5 } },
  get: { weight: 3, how: { fails: 2, busy: 2, slow: 2, ends: 0.3 } },
  call: { weight: 3, how: { fails: 2, busy: 2, slow: 2, "fails-after": 1, ends: 0.3 } },
  prepare: { weight: 0.5, how: { fails: 1, busy: 1 } },
  mutate: {
    weight: 6,
    how: {
      fails: 2,
      "fails-after": 3,
      partly: 2,
      unavailable: 3,
      busy: 1,
      hangs: 1,
      slow: 2,
      ends: 1,
      "ends-after": 1,
    },
  },
  setup: { weight: 0.3, how: { fails: 1, "fails-after": 1 } },
};

function generateWeather(draw: Draw): Omit<Extract<Incident, { kind: "weather" }>, "at"> {
  const weights = Object.fromEntries(Object.entries(skies).map(([name, { weight }]) => [name, weight]));
  const port = draw.weighted(weights) as PortName;
  const how = draw.weighted(skies[port]!.how as Readonly<Record<FaultKind, number>>);
  // What ends a live update would else end one after the other.
  const isBrief = port.startsWith("store.") && how !== "slow";
  const isPart = how === "partly" || how === "incomplete" || how === "hangs";
  return {
    kind: "weather",
    port,
    how,
    every: draw.pick([1, 1, 2, 5]),
    forMs: draw.pick(isBrief ? [50, 2_000] : [50, 2_000, 30_000, 600_000]),
    ...(isPart ? { part: draw.below(4) } : {}),
  };
}
