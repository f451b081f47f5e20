import { expect } from "vitest";
import type { StateStore } from "../../src/contracts/state-store.ts";
import {
  configure,
  type Flow,
  type SetupFlowOptions,
  type SetupResult,
  type SetupVerb,
  type UpdateInfo,
} from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Database } from "./database.ts";
import { type Design, type DesignWorld, defineDesign } from "./design.ts";
import { hastyClock } from "./hasty-clock.ts";
import { Notebook } from "./notebook.ts";

/** What a change of a flow's shape did. */
export interface Evolved {
  readonly flow: Flow;
  readonly setup: SetupResult;
  readonly info: UpdateInfo;
}

/** Notebooks, a database and a store, and one flow between them whose shape changes. */
export class Evolution implements DesignWorld {
  readonly notebooks = { pages: new Notebook(), notes: new Notebook() };
  readonly calls: string[] = [];
  database = new Database();
  readonly #name: string;
  #flow: Flow | null = null;
  #store: StateStore | undefined;

  constructor(name = "Design") {
    this.#name = name;
    this.notebooks.pages.write("p", "ant");
    this.notebooks.pages.write("q", "bee");
    this.notebooks.pages.write("r", "cat");
    // No version of the one is a version of the other.
    for (let edit = 0; edit < 100; edit++) this.notebooks.notes.write("m", "dog");
    this.notebooks.notes.write("q", "elk");
  }

  /** Opens the store for what follows, as a process that starts does. */
  use(store: StateStore): void {
    this.#store = store;
    configure({ store, clock: hastyClock });
  }

  define(design: Design): Flow {
    this.#flow?.close();
    this.#flow = defineDesign(this, design, this.#name);
    return this.#flow;
  }

  /** Brings the flow to a shape, and forgets the counts of what that took. */
  async build(design: Design): Promise<Flow> {
    const { flow } = await this.evolve(design);
    this.database.forgetCounts();
    this.calls.length = 0;
    return flow;
  }

  async evolve(design: Design, options: SetupFlowOptions = {}): Promise<Evolved> {
    const flow = this.define(design);
    const setup = await flow.setup(options);
    const info = await flow.update();
    expect(info.ok).toBe(true);
    return { flow, setup, info };
  }

  /** What the database would hold, had nothing been there before. To be asked before a flow is defined. */
  async rebuilt(design: Design): Promise<unknown> {
    const before = this.#store;
    const other = new Evolution(`${this.#name}Rebuilt`);
    Object.assign(other.notebooks, this.notebooks);
    other.use(openMemoryStore({ state: new MemoryState() }));
    await other.build(design);
    other.close();
    if (before) this.use(before);
    return other.database.contents();
  }

  /** The plan for a shape, in short. */
  async verbsFor(design: Design): Promise<[SetupVerb, string, number | null][]> {
    const { actions } = await this.define(design).planSetup();
    return actions.map(({ verb, name, rows }) => [verb, name, rows]);
  }

  close(): void {
    this.#flow?.close();
    this.#flow = null;
    configure({ store: undefined, clock: undefined });
  }
}
