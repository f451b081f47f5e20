import { createJiti } from "jiti";
import type { Flow, UpdateFlowOptions, UpdateInfo } from "../../src/index.ts";
import type { ExampleProject } from "./example-project.ts";

/** How a copy of the example is run. */
export interface ExampleRunner {
  readonly name: string;
  /** Sets up what needs it, then updates. */
  update(project: ExampleProject): Promise<UpdateInfo>;
  drop(project: ExampleProject): Promise<void>;
}

/** With the library, in this process; the flow's file is loaded anew each time. */
export const byLibrary: ExampleRunner = {
  name: "the library",
  update: (project) => withFlow(project, updateAfterSetup),
  drop: (project) => withFlow(project, async (flow) => void (await flow.drop())),
};

export async function updateAfterSetup(flow: Flow, options: UpdateFlowOptions = {}): Promise<UpdateInfo> {
  await flow.setup();
  return flow.update(options);
}

/** Loads the flow of a project's file as it is now, and forgets it afterwards. */
export async function withFlow<T>(project: ExampleProject, work: (flow: Flow) => Promise<T>): Promise<T> {
  const jiti = createJiti(import.meta.url, { moduleCache: false, fsCache: false });
  const { pages } = (await jiti.import(project.at("flows.ts"))) as { readonly pages: Flow };
  try {
    return await work(pages);
  } finally {
    pages.close();
  }
}

/** What an update did, in the numbers that cost something. */
export interface Work {
  readonly read: number;
  readonly computed: number;
  readonly upserted: number;
  readonly deleted: number;
}

export const noWork: Work = { read: 0, computed: 0, upserted: 0, deleted: 0 };

/** The work of an update of the example. */
export function workOf({ sources, functions, targets }: UpdateInfo): Work {
  return {
    read: sources.documents?.read ?? 0,
    computed: functions.markdownToHtml?.computed ?? 0,
    upserted: targets.OutputHtml?.upserted ?? 0,
    deleted: targets.OutputHtml?.deleted ?? 0,
  };
}
