import type { z } from "zod";
import { defineFlow, type Flow, type FunctionUse } from "../../src/index.ts";
import type { World } from "./use-world.ts";

/** A function of a text, to whatever. */
export type OfText = FunctionUse<{ text: z.ZodString }, z.ZodType>;

/** A flow from the pages of a world's notebook to its shelf `s`, where each field is what a function makes of the text. */
export function flowThrough(world: World, fields: Readonly<Record<string, OfText>>, name = "Through"): Flow {
  return world.keep(
    defineFlow(name, (builder) => {
      const out = builder.addCollector<{ id: string }>();
      builder.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        const made = Object.entries(fields).map(([field, use]) => [field, page.text.transform(use)]);
        out.collect({ id: page.id, ...Object.fromEntries(made) });
      });
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
}
