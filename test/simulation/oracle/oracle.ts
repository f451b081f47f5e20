import type { Case, Fault, Run } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";
import { type ModelState, modelState, rowName, type SourceRows } from "../model/model-state.ts";
import type { Backends } from "../world/backends.ts";
import { type BookRow, type Books, isKeyOf, keyText } from "../world/books.ts";
import type { Outcome } from "../world/process.ts";
import { checkDoubt } from "./check-doubt.ts";
import { checkHolds } from "./check-holds.ts";
import { checkTargets, type ExceptKeys } from "./check-targets.ts";
import { checkCachedCalls, checkWork } from "./check-work.ts";
import { cachedCallsOf, describeCall } from "./known-results.ts";
import { type Problem, problem } from "./problem.ts";

/** What a step was given, and what became of it. */
export interface Judged {
  readonly run: Run;
  readonly shape: FlowShape;
  readonly books: Books;
  /** The data as the next step will have it. */
  readonly ahead: Books;
  readonly outcome: Outcome;
}

/** How a step ended, as data: enough for another process to go on from there. */
export type StepEnd =
  | { readonly kind: "clean" }
  | { readonly kind: "dropped" }
  /** Rows of these sources stay where their listing leaves them out. */
  | { readonly kind: "doubtful"; readonly unlisted: readonly string[] };

/** A step that another process has taken. */
export interface FollowedStep extends Pick<Judged, "run" | "shape" | "books"> {
  readonly end: StepEnd;
}

/** Follows a history, and says what is wrong with what an update did or left undone. */
export class Oracle {
  readonly #case: Case;
  readonly #backends: Backends;
  /** What the world was to be since the last clean update, beginning with that. */
  #window: ModelState[];
  /** The rows that sources may have yielded, those included that no listing has taken away. */
  #rows: SourceRows = new Map();
  /** Cached calls whose results are in the store for certain. */
  #known = new Set<string>();
  #certain = true;
  #dropped = true;
  #lastEnd: StepEnd = { kind: "dropped" };

  constructor(simulated: Case, backends: Backends) {
    this.#case = simulated;
    this.#backends = backends;
    this.#window = [this.#nothing()];
  }

  /** What the world should be now; null after a drop. */
  get model(): ModelState | null {
    return this.#dropped ? null : this.#window.at(-1)!;
  }

  /** Cached calls whose results are in the store for certain, in words. */
  get known(): readonly string[] {
    return [...this.#known];
  }

  /** Whether the outcome is what `judge` holds against all that should be there. */
  isClean({ run, outcome }: Judged): boolean {
    const { info, thrown, ended, hangs, struck } = outcome;
    if (ended || hangs || thrown !== null) return false;
    // What was read is not what there is now.
    if (struck.some(({ how }) => how === "ahead")) return false;
    return run.verb === "drop" || (run.verb === "update" && info!.ok);
  }

  judge(judged: Judged): Problem | null {
    const { outcome, run } = judged;
    if (outcome.hangs) return problem("hangs", "nothing happens any more, and it has not ended");
    const [violation] = outcome.work.violations;
    if (violation !== undefined) return problem("violation", violation);
    const wrongly = this.#certain && outcome.struck.length === 0 ? this.#checkHolds(judged) : null;
    if (wrongly) return wrongly;
    if (this.isClean(judged)) return run.verb === "drop" ? this.#judgeDrop() : this.#judgeUpdate(judged);
    if (!outcome.struck.some(isHarmful)) return this.#judgeUndisturbed(judged);
    return this.#judgeDoubtful(judged);
  }

  /** Holds what a further update did against nothing. */
  judgeFurther({ shape, outcome }: Judged): Problem | null {
    const { info, thrown, work } = outcome;
    if (!info?.ok) return problem("further work", `a further update is not clean: ${String(thrown)}`);
    const unversioned = this.#unversioned(shape);
    const reads = work.reads.filter((row) => !unversioned.has(row.slice(0, row.indexOf(" "))));
    const done = {
      reads,
      calls: work.calls.map(describeCall),
      writes: work.writes.map(({ backend, key }) => `${backend} ${key}`),
      mutates: work.mutates,
      rowsStored: work.rowsStored,
    };
    const nothing =
      reads.length + done.calls.length + done.writes.length + work.mutates + work.rowsStored === 0;
    return nothing ? null : problem("further work", `a further update did ${JSON.stringify(done)}`);
  }

  /** Takes over what is known of the steps that another process has taken. */
  takeOver(steps: readonly FollowedStep[], known: readonly string[]): void {
    for (const { run, shape, books, end } of steps) {
      if (end.kind === "dropped") this.#enterDropped();
      else if (end.kind === "clean") this.#enterClean(this.#stateOf({ shape, books }, new Set()));
      else this.#enterDoubt({ run, shape, books }, end.unlisted);
    }
    if (this.#case.retentionMs > 0 || this.#certain) this.#known = new Set(known);
  }

  /** How the step that was judged last has ended. */
  get lastEnd(): StepEnd {
    return this.#lastEnd;
  }

  #checkHolds({ run, shape, books, outcome }: Judged): Problem | null {
    if (run.verb !== "update" || outcome.info === null) return null;
    const before = this.#window.at(-1)!;
    return checkHolds({ before, shape, books, allowed: run.allowDeletions ?? false }, outcome.info.held);
  }

  #judgeDrop(): Problem | null {
    this.#enterDropped();
    return checkTargets(this.#window[0]!, this.#backends);
  }

  #judgeUpdate({ run, shape, books, outcome }: Judged): Problem | null {
    const { work, struck } = outcome;
    const before = this.#window.at(-1)!;
    const undisturbed = this.#certain && struck.length === 0;
    const forced = run.reexportTargets || run.fullReprocess;
    const after = this.#stateOf({ shape, books }, new Set());
    const known = this.#known;
    const unversioned = this.#unversioned(shape);
    this.#enterClean(after);
    this.#known = new Set([
      ...cachedCallsOf(after),
      ...(this.#case.retentionMs === 0 ? [] : [...known, ...resultsIn(outcome)]),
    ]);
    const found = checkTargets(after, this.#backends);
    if (found) return found;
    if (undisturbed && !forced) return checkWork({ before, after, work, known, unversioned });
    return run.fullReprocess || struck.length > 0 ? null : checkCachedCalls({ work, known });
  }

  /** Nothing was in the way: only rows that always fail do so, and only deletions that are too many are held. */
  #judgeUndisturbed(judged: Judged): Problem | null {
    const { info, thrown } = judged.outcome;
    if (judged.run.verb === "setup" && thrown === null) return this.#judgeDoubtful(judged);
    if (thrown !== null) return problem("not clean", `it threw ${describeError(thrown)}`);
    const before = this.#window.at(-1)!;
    const isSame = this.#certain && JSON.stringify(before.flow) === JSON.stringify(judged.shape);
    const found = this.#judgeDoubtful(judged);
    const state = this.#window.at(-1)!;
    const errors = [...info!.failures, ...info!.incomplete, ...info!.failedKeys].map(({ error }) => error);
    // Rows that a held deletion keeps are not looked at.
    const listed = listedRows(judged);
    const failing = [...state.failing].filter((row) => listed.has(row));
    if (info!.incomplete.length > 0 || failing.length !== info!.failures.length)
      return problem(
        "not clean",
        `it should fail for ${failing.length} rows: ${errors.map(describeError).join("; ")}`,
      );
    return found ?? (isSame ? this.#judgePartly(before, state, listed) : null);
  }

  /** What is held or fails stays as it was; all else must be as after a clean update, where the flow is the same. */
  #judgePartly(before: ModelState, state: ModelState, listed: ReadonlySet<string>): Problem | null {
    const failing = keysOf([before, state], state.failing);
    const unread = inheritedUnread(before, state, listed);
    this.#certain = state.failing.size === 0 && unread.size === 0;
    if (this.#certain) this.#window = [state];
    return checkTargets(state, this.#backends, { except: union(failing, unread) });
  }

  #judgeDoubtful({ outcome, ...step }: Judged): Problem | null {
    const { listed } = outcome.work;
    const held = new Set(outcome.info?.held.map(({ source }) => source));
    const names = step.shape.sources.map(({ name }) => name);
    const unlisted = names.filter((name) => !listed.has(name) || held.has(name));
    if (outcome.struck.some(({ how }) => how === "ahead")) {
      // Rows may have gone before one that was read ahead made them too many.
      const rows = this.#rows;
      this.#enterDoubt(
        step,
        names.filter((name) => !listed.has(name)),
      );
      this.#rows = rows;
      this.#enterDoubt({ ...step, books: step.ahead }, unlisted);
    }
    this.#enterDoubt(step, unlisted);
    if (this.#case.retentionMs > 0 && outcome.info)
      for (const name of resultsIn(outcome)) this.#known.add(name);
    return checkDoubt(this.#window, this.#backends);
  }

  #enterDropped(): void {
    this.#window = [this.#nothing()];
    this.#rows = new Map();
    this.#certain = true;
    this.#dropped = true;
    this.#lastEnd = { kind: "dropped" };
    if (this.#case.retentionMs === 0) this.#known.clear();
  }

  #enterClean(state: ModelState): void {
    this.#window = [state];
    this.#certain = true;
    this.#dropped = false;
    this.#lastEnd = { kind: "clean" };
  }

  #enterDoubt(step: Pick<Judged, "run" | "shape" | "books">, unlisted: readonly string[]): void {
    if (step.run.verb === "drop") this.#window.push(this.#nothing());
    this.#window.push(this.#stateOf(step, new Set(unlisted)));
    this.#certain = false;
    this.#lastEnd = { kind: "doubtful", unlisted };
    if (this.#case.retentionMs === 0) this.#known.clear();
  }

  /** What should be there; rows that only an incomplete listing leaves out are there still. */
  #stateOf(step: Pick<Judged, "shape" | "books">, unlisted: ReadonlySet<string>): ModelState {
    const all = step.shape.sources.map(({ name, renamedFrom = name, book }) => {
      const known = [...(this.#rows.get(name) ?? this.#rows.get(renamedFrom) ?? [])];
      const former = new Map(known.filter(([, { key }]) => isKeyOf(this.#case.books[book]!, key)));
      const kept = unlisted.has(name) ? former : [];
      return { name, former, rows: new Map([...kept, ...step.books.get(book)!]) };
    });
    const rows = new Map(all.map((one) => [one.name, one.rows]));
    const former = new Map(all.map((one) => [one.name, one.former]));
    const state = modelState(this.#case, step.shape, { rows, former });
    this.#rows = rowsIn(state);
    return state;
  }

  #nothing(): ModelState {
    return modelState(this.#case, noFlow, { rows: new Map(), former: new Map() });
  }

  /** Sources that say nothing of a row without its value. */
  #unversioned({ sources }: FlowShape): Set<string> {
    const { books } = this.#case;
    const silent = sources.filter(({ book }) => books[book]!.versions === "none");
    return new Set(silent.map(({ name }) => name));
  }
}

const noFlow: FlowShape = { sources: [], exports: [], versions: {} };

function listedRows({ shape, books }: Judged): ReadonlySet<string> {
  const rows = shape.sources.flatMap(({ name, book }) =>
    [...(books.get(book)?.values() ?? [])].map((row) => rowName(name, row)),
  );
  return new Set(rows);
}

function rowsIn({ flow, rows }: ModelState): SourceRows {
  const bySource = new Map(flow.sources.map(({ name }) => [name, new Map<string, BookRow>()]));
  for (const { source, stored } of rows.values()) bySource.get(source.name)!.set(keyText(stored.key), stored);
  return bySource;
}

/** The keys that some rows claim, by backend. */
function keysOf(states: readonly ModelState[], rows: ReadonlySet<string>): ExceptKeys {
  const keys = new Map<string, Set<string>>();
  for (const [name, { claims }] of states.flatMap(({ backends }) => [...backends])) {
    const own = [...claims].filter(([, all]) => all.some(({ row }) => rows.has(row))).map(([key]) => key);
    keys.set(name, new Set([...(keys.get(name) ?? []), ...own]));
  }
  return keys;
}

/** Keys that came to be owed to rows which are held: what these would yield cannot be read any more. */
function inheritedUnread(before: ModelState, state: ModelState, listed: ReadonlySet<string>): ExceptKeys {
  const keys = new Map<string, Set<string>>();
  for (const [name, { claims }] of state.backends) {
    const was = before.backends.get(name)?.claims;
    for (const [key, [first]] of claims) {
      if (listed.has(first!.row) || was?.get(key)?.[0]?.row === first!.row) continue;
      keys.set(name, (keys.get(name) ?? new Set()).add(key));
    }
  }
  return keys;
}

function union(one: ExceptKeys, other: ExceptKeys): ExceptKeys {
  const names = new Set([...one.keys(), ...other.keys()]);
  return new Map(
    [...names].map((name) => [name, new Set([...(one.get(name) ?? []), ...(other.get(name) ?? [])])]),
  );
}

function isHarmful({ how }: Fault): boolean {
  return how !== "slow";
}

/** The results that a whole update has put into the store; none where calls failed, of which nobody knows. */
function resultsIn({ struck, work }: Outcome): string[] {
  return struck.some(({ port }) => port === "call") ? [] : work.calls.map(describeCall);
}

function describeError(error: unknown): string {
  return error instanceof Error
    ? `${error.message}${error.cause ? ` (${describeError(error.cause)})` : ""}`
    : String(error);
}
