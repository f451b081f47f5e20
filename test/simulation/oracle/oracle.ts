import type { Case, Fault, Run } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";
import { type ModelState, modelState, type SourceRows } from "../model/model-state.ts";
import type { Backends } from "../world/backends.ts";
import { type Books, isKeyOf } from "../world/books.ts";
import type { Outcome } from "../world/process.ts";
import { checkDoubt } from "./check-doubt.ts";
import { checkHolds } from "./check-holds.ts";
import { checkTargets } from "./check-targets.ts";
import { checkCachedCalls, checkWork } from "./check-work.ts";
import { cachedCallsOf, describeCall } from "./known-results.ts";
import { type Problem, problem } from "./problem.ts";

/** What a step was given, and what became of it. */
export interface Judged {
  readonly run: Run;
  readonly shape: FlowShape;
  readonly books: Books;
  readonly outcome: Outcome;
}

/** How a step ended, as data: enough for another process to go on from there. */
export type StepEnd =
  | { readonly kind: "clean" }
  | { readonly kind: "dropped" }
  /** Deletions of these sources are held, and all else is as it should be. */
  | { readonly kind: "held"; readonly unlisted: readonly string[] }
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
    const { info, thrown, ended, hangs } = outcome;
    if (ended || hangs || thrown !== null) return false;
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
    if (!outcome.struck.some(isHarmful)) return this.#judgeUnclean(judged);
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
      else if (end.kind === "held")
        this.#enterHeld(this.#stateOf({ shape, books }, new Set(end.unlisted)), end.unlisted);
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

  /** Nothing went wrong that was to. */
  #judgeUnclean(judged: Judged): Problem | null {
    const { info, thrown } = judged.outcome;
    if (judged.run.verb === "setup" && thrown === null) return this.#judgeDoubtful(judged);
    if (thrown !== null) return problem("not clean", `it threw ${describeError(thrown)}`);
    const { failures, incomplete, held } = info!;
    const errors = [...failures, ...incomplete].map(({ error }) => describeError(error));
    if (errors.length > 0 || held.length === 0) return problem("not clean", errors.join("; "));
    return this.#judgeHeld(judged, new Set(held.map(({ source }) => source)));
  }

  /** What is held stays as it was; all else must be as after a clean update, where the flow is the same. */
  #judgeHeld(judged: Judged, held: ReadonlySet<string>): Problem | null {
    const before = this.#window.at(-1)!;
    const isSame = this.#certain && JSON.stringify(before.flow) === JSON.stringify(judged.shape);
    if (!isSame) return this.#judgeDoubtful(judged, held);
    const known = this.#known;
    const state = this.#stateOf(judged, held);
    this.#enterHeld(state, [...held]);
    this.#known = new Set([...cachedCallsOf(state), ...(this.#case.retentionMs === 0 ? [] : known)]);
    return checkTargets(state, this.#backends);
  }

  #judgeDoubtful({ run, shape, books, outcome }: Judged, held = heldIn(outcome)): Problem | null {
    const { listed } = outcome.work;
    const names = shape.sources.map(({ name }) => name);
    const unlisted = names.filter((name) => !listed.has(name) || held.has(name));
    this.#enterDoubt({ run, shape, books }, unlisted);
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

  #enterHeld(state: ModelState, unlisted: readonly string[]): void {
    this.#enterClean(state);
    this.#lastEnd = { kind: "held", unlisted };
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
    const rows = step.shape.sources.map(({ name, renamedFrom = name, book }) => {
      const known = unlisted.has(name) ? (this.#rows.get(name) ?? this.#rows.get(renamedFrom)) : null;
      const kept = [...(known ?? [])].filter(([, { key }]) => isKeyOf(this.#case.books[book]!, key));
      return [name, new Map([...kept, ...step.books.get(book)!])] as const;
    });
    this.#rows = new Map(rows);
    return modelState(this.#case, step.shape, this.#rows);
  }

  #nothing(): ModelState {
    return modelState(this.#case, { sources: [], exports: [], versions: {} }, new Map());
  }

  /** Sources that say nothing of a row without its value. */
  #unversioned({ sources }: FlowShape): Set<string> {
    const { books } = this.#case;
    const silent = sources.filter(({ book }) => books[book]!.versions === "none");
    return new Set(silent.map(({ name }) => name));
  }
}

function heldIn({ info }: Outcome): ReadonlySet<string> {
  return new Set(info?.held.map(({ source }) => source));
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
