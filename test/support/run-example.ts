import { execFile } from "node:child_process";
import { createJiti } from "jiti";
import type { Flow, UpdateFlowOptions, UpdateInfo, VerifyInfo } from "../../src/index.ts";
import { commandLine, type ExampleProject } from "./example-project.ts";

/** How a copy of the example is run. */
export interface ExampleRunner {
  readonly name: string;
  /** Sets up what needs it, then updates. */
  update(project: ExampleProject, options?: Pick<UpdateFlowOptions, "allowDeletions">): Promise<UpdateInfo>;
  drop(project: ExampleProject): Promise<void>;
  verify(project: ExampleProject, options?: { readonly repair: boolean }): Promise<VerifyInfo>;
  query(project: ExampleProject, question: Question): Promise<readonly QueryResult[]>;
}

/** What is asked of a flow's query handler. */
interface Question {
  readonly text: string;
  /** May be left out where the flow has but one. */
  readonly handler?: string;
  readonly limit?: number;
}

type QueryResult = Readonly<Record<string, unknown>>;

/** With the library, in this process; the flow's file is loaded anew each time. */
export const byLibrary: ExampleRunner = {
  name: "the library",
  update: (project, options) => withFlow(project, (flow) => updateAfterSetup(flow, options)),
  drop: (project) => withFlow(project, async (flow) => void (await flow.drop())),
  verify: (project, options) => withFlow(project, (flow) => flow.verify(options)),
  query: (project, { text, handler, limit }) =>
    withFlow(project, async (flow) => {
      const name = handler ?? flow.queryHandlers[0]!.name;
      return (await flow.query(name, text, limit === undefined ? {} : { limit })).results;
    }),
};

/** With the command line, each time in a process of its own. */
export const byCommandLine: ExampleRunner = {
  name: "the command line",
  async update(project, { allowDeletions = false } = {}) {
    const args = ["update", project.at("flows.ts"), "--force", "--json", "--quiet"];
    if (allowDeletions !== false)
      args.push(`--allow-deletions${allowDeletions === true ? "" : `=${allowDeletions}`}`);
    const { code, stdout, stderr } = await runNode([commandLine, ...args], project.directory);
    if (![0, 1, 4].includes(code)) throw new Error(`exit code ${code}: ${stderr}`);
    const { flows } = JSON.parse(stdout) as { readonly flows: readonly UpdateInfo[] };
    return flows[0]!;
  },
  async drop(project) {
    const args = ["drop", project.at("flows.ts"), "--force"];
    const { code, stderr } = await runNode([commandLine, ...args], project.directory);
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  },
  async verify(project, { repair } = { repair: false }) {
    const args = ["verify", project.at("flows.ts"), "--json", ...(repair ? ["--repair"] : [])];
    const { code, stdout, stderr } = await runNode([commandLine, ...args], project.directory);
    const { ok, flows } = JSON.parse(stdout) as {
      readonly ok: boolean;
      readonly flows: readonly VerifyInfo[];
    };
    if (code !== (ok ? 0 : 1)) throw new Error(`exit code ${code}: ${stderr}`);
    return flows[0]!;
  },
  async query(project, { text, handler, limit }) {
    const asked = [...(handler === undefined ? [] : [handler]), text];
    const args = ["query", project.at("flows.ts"), ...asked, "--json"];
    if (limit !== undefined) args.push(`--limit=${limit}`);
    const { code, stdout, stderr } = await runNode([commandLine, ...args], project.directory);
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
    return (JSON.parse(stdout) as { readonly results: readonly QueryResult[] }).results;
  },
};

/** How a process ended, and what it said. */
export interface ProcessResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs this Node with these arguments, without the settings of the test runner. */
export function runNode(args: readonly string[], directory: string): Promise<ProcessResult> {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: directory, env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

export async function updateAfterSetup(flow: Flow, options: UpdateFlowOptions = {}): Promise<UpdateInfo> {
  await flow.setup();
  return flow.update(options);
}

/** Loads the flow of a project's file as it is now, and forgets it afterwards. */
export async function withFlow<T>(project: ExampleProject, work: (flow: Flow) => Promise<T>): Promise<T> {
  const jiti = createJiti(import.meta.url, { moduleCache: false, fsCache: false });
  const flow = theFlowOf(await jiti.import<Readonly<Record<string, unknown>>>(project.at("flows.ts")));
  try {
    return await work(flow);
  } finally {
    flow.close();
  }
}

/** The one flow that a file exports. */
function theFlowOf(exported: Readonly<Record<string, unknown>>): Flow {
  const flows = Object.values(exported).filter(
    (value): value is Flow => typeof value === "object" && value !== null && "planSetup" in value,
  );
  if (flows.length !== 1) throw new Error(`${flows.length} flows are exported, and not one`);
  return flows[0]!;
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
