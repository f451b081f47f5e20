import { isSluiceError } from "../../../src/index.ts";
import { deferred } from "../../../src/kernel/deferred.ts";
import type { Edit, Key } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";
import { type ModelState, modelState } from "../model/model-state.ts";
import { checkDoubt } from "../oracle/check-doubt.ts";
import { describeThrown, type Problem, problem, thrownAsProblem } from "../oracle/problem.ts";
import { type Books, keyText } from "../world/books.ts";
import { AtRest } from "./at-rest.ts";
import { checkAftermath } from "./check-aftermath.ts";
import { type LiveEnd, LiveProcess } from "./live-process.ts";
import { type Incident, isFollowedBy } from "./live-round.ts";
import type { LiveWorld } from "./live-world.ts";
import { timeline } from "./timeline.ts";

/** How long after the end of one process the next one begins, where nothing else is said. */
const downMs = 1_000;
/** After that every source is followed again, whatever happened to its watcher. */
const recoveryMs = 30 * 60_000;
/** A live update that is to stop takes no longer. */
const longestStopMs = 10 * 60_000;

/** A round as it goes: processes one after the other, what happens to them, rest, and the judgement of it. */
export class RoundCourse {
  readonly #world: LiveWorld;
  #shape: FlowShape;
  /** What the flow of the next process is. */
  #next: FlowShape;
  #process: LiveProcess | null = null;
  #downMs = downMs;
  #over = false;
  /** What the world was to be since it was at rest last, beginning with that. */
  #states: ModelState[] = [];
  readonly #stopping = new Set<Promise<unknown>>();

  constructor(world: LiveWorld) {
    this.#world = world;
    this.#shape = world.simulated.flow;
    this.#next = this.#shape;
  }

  async run(): Promise<Problem | null> {
    const { round, books } = this.#world;
    for (const edit of round.first) books.apply(edit);
    const failed = deferred<Problem>();
    const processes = thrownAsProblem(this.#keepRunning()).then((found) => {
      if (found) failed.resolve(found);
      return found;
    });
    const found = await Promise.race([thrownAsProblem(this.#goThrough()), failed.promise]);
    this.#over = true;
    const stopped = await this.#stopForGood(processes);
    return found ?? stopped ?? checkAftermath(this.#world, this.#shape);
  }

  /** Nothing of it goes on after that, however it came to its end: what waits is never called again. */
  async cutOff(): Promise<void> {
    this.#over = true;
    this.#world.clock.halt();
    await this.#process?.cutOff();
  }

  async #goThrough(): Promise<Problem | null> {
    const { clock, round, feed, skies, log } = this.#world;
    const atRest = new AtRest({
      world: this.#world,
      process: () => this.#process,
      model: () => this.#stateNow(),
    });
    const first = await atRest.reach();
    if (first) return first;
    const began = clock.monotonic();
    this.#states = [this.#stateNow()];
    const happenings = timeline(round, this.#world, {
      ask: (incident) => this.#ask(incident),
      stop: (incident) => this.#stop(incident),
      edited: () => this.#states.push(this.#stateNow()),
    });
    for (const { at, happen } of happenings) {
      const waitMs = began + at - clock.monotonic();
      if (waitMs > 0) await clock.sleep(waitMs);
      happen();
      const found = this.#checkMeanwhile();
      if (found) return found;
    }
    await clock.sleep(1_000);
    log.note("FROM HERE ON nothing goes wrong any more");
    skies.clear();
    feed.heal();
    await Promise.all(this.#stopping);
    await clock.sleep(recoveryMs);
    this.#heal();
    return (await atRest.reach()) ?? atRest.stay();
  }

  /** Rows that always fail become others; in each book something changes, so that what is of no use any more is cleared away. */
  #heal(): void {
    const { books, feed } = this.#world;
    for (const edit of healing(books.now)) {
      books.apply(edit);
      const edits = [{ edit, state: books.stateOf(edit.book, keyText(edit.put)) }];
      for (const { name } of this.#shape.sources)
        feed.tell({ source: name, afterMs: 0, edits: [0], carries: "key", acknowledge: "plain" }, edits);
    }
  }

  #checkMeanwhile(): Problem | null {
    const [found] = this.#world.found;
    return found ?? checkDoubt(this.#states, this.#world.backends);
  }

  #stateNow(): ModelState {
    const { books, simulated } = this.#world;
    const rows = new Map(this.#shape.sources.map(({ name, book }) => [name, books.now.get(book)!]));
    const before = this.#states.at(-1);
    const former = before ? formerRows(before, this.#shape) : new Map();
    return modelState(simulated, this.#shape, { rows, former });
  }

  async #keepRunning(): Promise<Problem | null> {
    const { clock, log } = this.#world;
    while (!this.#over) {
      this.#enter(this.#next);
      const running = await LiveProcess.open(this.#world, this.#shape);
      // Whoever stopped the round meanwhile saw no process that is to stop.
      if (this.#over) {
        await running.close();
        break;
      }
      this.#process = running;
      log.note("PROCESS begins");
      const end = await running.run();
      const found = this.#judgeEnd(running, end);
      this.#process = null;
      log.note(`PROCESS ends: ${end.thrown === null ? "as it should" : String(end.thrown)}`);
      await running.close();
      if (found) return found;
      if (this.#over) break;
      const waitMs = this.#downMs;
      this.#downMs = downMs;
      await clock.sleep(waitMs);
    }
    return null;
  }

  #enter(shape: FlowShape): void {
    if (shape === this.#shape) return;
    this.#shape = shape;
    this.#states.push(this.#stateNow());
  }

  #judgeEnd(process: LiveProcess, { info, thrown }: LiveEnd): Problem | null {
    const [violation] = process.ports.work.violations;
    if (violation !== undefined) return problem("violation", violation);
    const [refused] = process.refused;
    if (refused !== undefined) return problem("ended", `an update was refused: ${String(refused)}`);
    if (process.ports.ended) return null;
    if (process.updater && !process.statuses.ended) return problem("stats", "its statuses do not end");
    const inFlight = Object.values(info?.sources ?? {}).reduce((sum, one) => sum + one.inFlight, 0);
    if (inFlight !== 0) return problem("stats", `${inFlight} rows are in flight after the end`);
    if (thrown === null) return process.stopAsked || !this.#isFollowed() ? null : endedByItself("nothing");
    const stopped = process.stopAsked && isSluiceError(thrown) && thrown.code === "interrupted";
    return stopped || process.hasBroken ? null : endedByItself(describeThrown(thrown));
  }

  #isFollowed(): boolean {
    const { following } = this.#world.round;
    return this.#shape.sources.some(({ name }) => isFollowedBy(following[name]!));
  }

  #ask({ options, times }: Extract<Incident, { kind: "ask" }>): void {
    this.#world.log.note(`ASKED ${times} times for ${JSON.stringify(options)}`);
    for (let left = times; left > 0; left--) void this.#process?.ask(options);
  }

  #stop({ how, downMs: waitMs, flow }: Extract<Incident, { kind: "stop" }>): void {
    this.#world.log.note(`STOP: ${how}`);
    this.#downMs = waitMs;
    this.#next = flow ?? this.#next;
    const stopped = this.#process?.stop(how);
    if (!stopped) return;
    this.#stopping.add(stopped);
    void stopped.finally(() => this.#stopping.delete(stopped));
  }

  async #stopForGood(processes: Promise<Problem | null>): Promise<Problem | null> {
    const { clock } = this.#world;
    const waited = new AbortController();
    const process = this.#process;
    const late = clock
      .sleep(longestStopMs, waited.signal)
      .then(() => problem("hangs", "it does not stop"))
      .catch(() => null);
    void process?.stop("abort");
    const found = await Promise.race([processes, late]);
    waited.abort();
    return found;
  }
}

function formerRows({ rows }: ModelState, { sources }: FlowShape) {
  return new Map(
    sources.map(({ name }) => [
      name,
      new Map(
        [...rows.values()]
          .filter(({ source }) => source.name === name)
          .map(({ stored }) => [JSON.stringify(stored.key), stored]),
      ),
    ]),
  );
}

/** Versions that no generated row has. */
const healedFrom = 1_000_000;

function healing(books: Books): (Edit & { put: Key })[] {
  return [...books].flatMap(([book, rows]) =>
    [...rows.values()].flatMap(({ key, row }, i) => {
      if (i > 0 && !row.text.includes("bad")) return [];
      const text = `${row.text.replaceAll("bad", "ox")}${i === 0 ? " ant" : ""}`;
      return [{ book, put: key, row: { ...row, text, v: healedFrom + i } }];
    }),
  );
}

function endedByItself(why: string): Problem {
  return problem("ended", `it ended by itself: ${why}`);
}
