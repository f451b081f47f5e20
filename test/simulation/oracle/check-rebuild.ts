import { openMemoryStore } from "../../../src/stores/memory/index.ts";
import type { ModelState } from "../model/model-state.ts";
import { Backends } from "../world/backends.ts";
import type { Books } from "../world/books.ts";
import { Process, type World } from "../world/process.ts";
import { checkTargets } from "./check-targets.ts";
import { type Problem, problem } from "./problem.ts";

/** Builds all of it from nothing, in a world of its own: the model must not be wrong in the way that the engine is. */
export async function checkRebuild(world: World, model: ModelState, books: Books): Promise<Problem | null> {
  const { simulated, clock } = world;
  const backends = new Backends();
  const fresh: World = {
    simulated,
    clock,
    backends,
    openStore: async () => {
      const store = openMemoryStore({ clock });
      return { store, end: () => store.kill(), close: () => store.close() };
    },
  };
  const process = await Process.start({ world: fresh, shape: model.flow, books, ahead: books });
  try {
    const { info, thrown } = await process.run({ verb: "update" });
    if (!info?.ok) return problem("rebuild", `a build from nothing is not clean: ${String(thrown)}`);
    return checkTargets(model, backends, { kind: "rebuild" });
  } finally {
    await process.close();
  }
}
