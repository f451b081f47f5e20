import type { BookShape, Case, Run, Step } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";
import { modelState } from "../model/model-state.ts";
import { type Books, edited, emptyBooks } from "../world/books.ts";
import { Draw } from "./draw.ts";
import { editFlow } from "./edit-flow.ts";
import { EditGenerator } from "./generate-edits.ts";
import { generateFaults } from "./generate-faults.ts";
import { type GeneratedFlow, generateFlow } from "./generate-flow.ts";
import { repaired } from "./valid-flow.ts";

/** What may happen in generated histories. */
export interface Reach {
  /** Rows may claim keys that other rows claim too. */
  readonly shared: boolean;
  /** Sources may leave, and change the order of their names. */
  readonly moving: boolean;
  /** Listings may lose so many rows that deletions are held. */
  readonly held: boolean;
  /** Rows may fail for as long as they are as they are. */
  readonly failing: boolean;
}

const everything: Reach = { shared: true, moving: true, held: true, failing: true };

const dayMs = 24 * 60 * 60 * 1000;

/** The history of a seed. */
export function generateCase(
  seed: number,
  { store, kills }: Pick<Case, "store" | "kills">,
  reach: Reach = everything,
): Case {
  const draw = new Draw(seed);
  const names = draw.chance(0.6) ? ["ink"] : ["ink", "oak"];
  const books = Object.fromEntries(names.map((name) => [name, generateBook(draw)]));
  const head = {
    seed,
    store,
    kills,
    concurrency: draw.pick([1, 64] as const),
    jitter: draw.chance(0.5) ? 0 : draw.between(1, 1_000_000),
    retentionMs: draw.chance(0.5) ? 0 : 7 * dayMs,
    rebuild: draw.chance(0.2),
    books,
  };
  return new CaseGenerator(
    draw,
    { ...head, flow: { sources: [], exports: [], versions: {} }, steps: [] },
    reach,
  ).make();
}

function generateBook(draw: Draw): BookShape {
  return {
    keys: draw.weighted({ text: 4, number: 1, pair: 1 }),
    versions: draw.weighted({ content: 5, both: 1, ordinal: 2, none: 1 }),
    inline: draw.chance(0.2),
    ordered: draw.chance(0.5),
    repeats: draw.chance(0.1),
    page: draw.pick([1, 3, 100]),
  };
}

class CaseGenerator {
  readonly #draw: Draw;
  readonly #case: Case;
  readonly #reach: Reach;
  readonly #data: EditGenerator;
  #generated: GeneratedFlow | null = null;

  constructor(draw: Draw, simulated: Case, reach: Reach) {
    this.#draw = draw;
    this.#case = simulated;
    this.#reach = reach;
    this.#data = new EditGenerator(draw, simulated.books, reach);
  }

  make(): Case {
    let books = emptyBooks(this.#case);
    const first = this.#data.first();
    books = edited(books, first);
    let flow = this.#firstFlow(books);
    const initial = flow;
    const steps: Step[] = [];
    const count = this.#draw.between(3, 8);
    for (let i = 0; i < count; i++) {
      const step = this.#step({ flow, books }, i === count - 1);
      steps.push(i === 0 ? { ...step, edits: [...first, ...(step.edits ?? [])] } : step);
      flow = step.flow ?? flow;
      books = edited(books, step.edits);
    }
    return { ...this.#case, flow: initial, steps };
  }

  #firstFlow(books: Books): FlowShape {
    for (;;) {
      const made = generateFlow(this.#draw, [...books.keys()], this.#reach);
      const flow = repaired(made.flow);
      if (flow === null || !this.#mayBe(flow, books)) continue;
      this.#generated = { ...made, flow };
      return flow;
    }
  }

  #step(now: { readonly flow: FlowShape; readonly books: Books }, isLast: boolean): Step {
    const draw = this.#draw;
    const changed = this.#change(now);
    const { flow } = changed;
    const healing = isLast ? this.#data.healing(edited(now.books, changed.edits)) : [];
    const edits = [...changed.edits, ...healing];
    const run = isLast ? this.#lastRun() : this.#run();
    const faults = isLast || draw.chance(0.4) ? [] : generateFaults(draw, this.#case.kills);
    const clockMs = draw.chance(0.1) ? Math.floor((draw.below(3) - 2) * draw.below(dayMs / 4)) : 0;
    return {
      ...(flow === now.flow ? {} : { flow }),
      ...(edits.length > 0 ? { edits } : {}),
      ...(clockMs === 0 ? {} : { clockMs }),
      ...(run === null ? {} : { run }),
      ...(faults.length > 0 ? { faults } : {}),
    };
  }

  /** Where rows may share no key, changes are drawn until they do not. */
  #change(now: { readonly flow: FlowShape; readonly books: Books }): {
    flow: FlowShape;
    edits: Step["edits"] & {};
  } {
    const draw = this.#draw;
    const editing = {
      draw,
      plans: this.#generated!.collectors,
      books: [...now.books.keys()],
      ...this.#reach,
    };
    for (let attempt = 0; attempt < 5; attempt++) {
      const edits = this.#data.some(now.books);
      const flow = draw.chance(0.35) ? editFlow(now.flow, editing) : now.flow;
      if (this.#mayBe(flow, edited(now.books, edits))) return { flow, edits };
    }
    return { flow: now.flow, edits: [] };
  }

  /** The last update is to be clean, so whatever is held is approved. */
  #lastRun(): Run | null {
    return this.#reach.held ? { verb: "update", allowDeletions: true } : null;
  }

  #run(): Run | null {
    const allow = this.#reach.held ? 10 : 0;
    const common = { update: 80, setup: 4, drop: 3, reexport: 4, whole: 4, overlapping: 4 };
    const kind = this.#draw.weighted({ ...common, allow });
    switch (kind) {
      case "overlapping":
        return { verb: "update", overlapping: true };
      case "allow":
        return { verb: "update", allowDeletions: this.#draw.pick([true, true, 1, 3, 12]) };
      case "update":
        return null;
      case "setup":
      case "drop":
        return { verb: kind };
      case "reexport":
        return { verb: "update", reexportTargets: true };
      case "whole":
        return { verb: "update", fullReprocess: true };
    }
  }

  #mayBe(flow: FlowShape, books: Books): boolean {
    if (this.#reach.shared) return true;
    const rows = new Map(flow.sources.map(({ name, book }) => [name, books.get(book)!]));
    const { backends } = modelState(this.#case, flow, { rows, former: new Map() });
    return [...backends.values()].every(({ claims }) =>
      [...claims.values()].every((all) => all.length === 1),
    );
  }
}
