import { z } from "zod";
import { defineFlow, defineFunction, type Flow } from "../../src/index.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import type { Notebook } from "./notebook.ts";

/** A source of a design: a notebook by name. */
export interface SourceDesign {
  readonly name: string;
  readonly notebook: string;
  readonly renamedFrom?: string;
}

/** An export of a design, with a collector of its own. */
export interface ExportDesign extends DatabaseOptions {
  readonly name: string;
  readonly table?: string;
  readonly engine?: string;
  readonly comment?: string;
  /** Fields of the primary key: `id`, or `id` and `text`. */
  readonly keys?: readonly [string, ...string[]];
  /** Fields beside the key: `text`, `size` as a number, `width` as the same in words under the name `size`. */
  readonly fields?: readonly ("text" | "size" | "width" | "note")[];
  readonly renamedFrom?: string;
  readonly setupByUser?: boolean;
  readonly fts?: readonly string[];
  readonly attachments?: readonly string[];
}

/** The shape of a flow, as a change of its code would leave it. */
export interface Design {
  readonly sources: readonly SourceDesign[];
  readonly exports: readonly ExportDesign[];
}

export interface DesignWorld {
  readonly notebooks: Readonly<Record<string, Notebook>>;
  readonly database: Database;
  /** What the cached functions were called with. */
  readonly calls: string[];
}

/** Defines the flow of a design: every source feeds every export. */
export function defineDesign(world: DesignWorld, { sources, exports }: Design, name = "Design"): Flow {
  const { shout, measure, width } = functionsOf(world);
  const targets = targetsOf(world, exports);
  return defineFlow(name, (flow) => {
    const collectors = exports.map(() => flow.addCollector<Record<string, string | number>>());
    for (const source of sources) {
      const notebook = world.notebooks[source.notebook]!;
      const options = source.renamedFrom === undefined ? {} : { renamedFrom: source.renamedFrom };
      flow.addSource(source.name, notebook.source({ ordered: true })({}), options).forEachRow((page) => {
        const fields = {
          text: () => page.text.transform(shout),
          size: () => page.text.transform(measure),
          width: () => page.text.transform(width),
          note: () => page.text,
        };
        for (const [index, { keys = ["id"], fields: given = ["text"] as const }] of exports.entries()) {
          const values = given
            .filter((field) => !keys.includes(field))
            .map((field) => [field === "width" ? "size" : field, fields[field]()]);
          const own = keys.includes("text") ? { id: page.id, text: fields.text() } : { id: page.id };
          collectors[index]!.collect({ ...own, ...Object.fromEntries(values) });
        }
      });
    }
    for (const [index, design] of exports.entries()) {
      const { table, engine, comment, keys = ["id"], fts = [], attachments = [] } = design;
      const spec = {
        ...(table === undefined ? {} : { table }),
        ...(engine === undefined ? {} : { engine }),
        ...(comment === undefined ? {} : { comment }),
      };
      collectors[index]!.export(design.name, targets.get(kindOf(design))!(spec), {
        primaryKeyFields: keys,
        // Which of its fields are strings the design alone knows.
        ftsIndexes: fts.map((field) => ({ field })) as never,
        attachments,
        setupByUser: design.setupByUser ?? false,
        ...(design.renamedFrom === undefined ? {} : { renamedFrom: design.renamedFrom }),
      });
    }
  });
}

function kindOf({ kind = "database" }: ExportDesign): string {
  return kind;
}

/** A kind of target is defined once, for all exports of its kind. */
function targetsOf({ database }: DesignWorld, exports: readonly ExportDesign[]) {
  const targets = new Map<string, ReturnType<Database["target"]>>();
  for (const design of exports) {
    if (!targets.has(kindOf(design))) targets.set(kindOf(design), database.target(design));
  }
  return targets;
}

function functionsOf({ calls }: DesignWorld) {
  const cached = { version: 1, cache: true, input: { text: z.string() } } as const;
  const called = (name: string, text: string) => calls.push(`${name} ${text}`);
  return {
    shout: defineFunction({
      ...cached,
      name: "shout",
      output: z.string(),
      run({ text }) {
        called("shout", text);
        return text.toUpperCase();
      },
    }),
    measure: defineFunction({
      ...cached,
      name: "measure",
      output: z.number().int(),
      run({ text }) {
        called("measure", text);
        return text.length;
      },
    }),
    width: defineFunction({
      ...cached,
      name: "width",
      output: z.string(),
      run({ text }) {
        called("width", text);
        return `${text.length} wide`;
      },
    }),
  };
}
