import { afterEach, beforeEach } from "vitest";
import type { z } from "zod";
import { configure, defineFlow, type Flow, type FunctionUse, type TargetUse } from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { hastyClock } from "./hasty-clock.ts";
import { Library, Notebook } from "./notebook.ts";

/** Something that turns a text into one. */
export type TextFunction = FunctionUse<{ text: z.ZodString }, z.ZodType<string>>;

type Targets = Readonly<Record<string, TargetUse<{ id: string }, unknown>>>;

/** A source, a target and a store in memory, new for each test of a file, and the flows that it defines. */
export class World {
  notebook = new Notebook();
  library = new Library();
  state = new MemoryState();
  readonly #flows: Flow[] = [];

  /** A flow from the notebook's pages to targets, by default a shelf of the library, through a function if there is one. */
  define(name: string, options: { readonly targets?: Targets; readonly through?: TextFunction } = {}): Flow {
    const { targets = { Out: this.library.target()({ shelf: "s" }) }, through } = options;
    return this.keep(
      defineFlow(name, (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder.addSource("pages", this.notebook.source({ ordered: true })({})).forEachRow((page) => {
          out.collect({ id: page.id, text: through ? page.text.transform(through) : page.text });
        });
        for (const [target, use] of Object.entries(targets))
          out.export(target, use, { primaryKeyFields: ["id"] });
      }),
    );
  }

  /** Closes the flow at the end of the test. */
  keep(flow: Flow): Flow {
    this.#flows.push(flow);
    return flow;
  }

  /** Closes the flows so far, so that their names are free. */
  closeFlows(): void {
    for (const flow of this.#flows.splice(0)) flow.close();
  }

  /** Writes so many pages, in the order of their ids. */
  write(count: number): void {
    for (let i = 0; i < count; i++) this.notebook.write(`p${String(i).padStart(4, "0")}`, `text ${i}`);
  }

  begin(): void {
    this.notebook = new Notebook();
    this.library = new Library();
    this.state = new MemoryState();
    configure({ store: openMemoryStore({ state: this.state }), clock: hastyClock });
  }

  end(): void {
    this.closeFlows();
    configure({
      store: undefined,
      clock: undefined,
      random: undefined,
      maxInflightRows: undefined,
      maxInflightBytes: undefined,
      mutateTimeout: undefined,
      stopTimeout: undefined,
      memoRetention: undefined,
      appNamespace: undefined,
    });
  }
}

/** A world for the tests of this file. */
export function useWorld(): World {
  const world = new World();
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  return world;
}
