import type { FlowShape } from "../flow-shape.ts";
import { modelState } from "../model/model-state.ts";
import { checkRebuild } from "../oracle/check-rebuild.ts";
import { checkStore } from "../oracle/check-store.ts";
import { checkTargets } from "../oracle/check-targets.ts";
import { Oracle } from "../oracle/oracle.ts";
import type { Problem } from "../oracle/problem.ts";
import { Process } from "../world/process.ts";
import type { LiveWorld } from "./live-world.ts";

/** After the last live update: what it has left is what a build from nothing makes, and nothing else. */
export async function checkAftermath(world: LiveWorld, shape: FlowShape): Promise<Problem | null> {
  const { simulated, books, backends, memory } = world;
  const data = books.copy();
  const rows = new Map(shape.sources.map(({ name, book }) => [name, data.get(book)!]));
  const model = modelState(simulated, shape, { rows, former: new Map() });
  const wrong = checkTargets(model, backends);
  if (wrong) return wrong;
  const process = await Process.start({ world, shape, books: data, ahead: data });
  try {
    const { store } = process;
    const didWork = model.rows.size > 0;
    const orphan = await checkStore({ simulated, memory, store, model, didWork });
    if (orphan) return orphan;
    const run = { verb: "update" } as const;
    const outcome = await process.run(run);
    const judged = { run, shape, books: data, ahead: data, outcome };
    const further = new Oracle(simulated, backends).judgeFurther(judged);
    if (further) return further;
  } finally {
    await process.close();
  }
  return simulated.rebuild ? checkRebuild(world, model, data) : null;
}
