import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import type { UpdateInfo } from "../../src/index.ts";
import { ExampleProject, letFilesAge } from "../support/example-project.ts";
import { byCommandLine, noWork, runNode, workOf } from "../support/run-example.ts";

const require = createRequire(import.meta.url);
const tsx = pathToFileURL(require.resolve("tsx")).href;

let project: ExampleProject;

vi.setConfig({ testTimeout: 90_000 });

beforeEach(() => {
  project = new ExampleProject();
});

afterEach(() => project.dispose());

/** Runs the example's program, which sets up, updates and prints what it did. */
async function runProgram(...args: string[]): Promise<UpdateInfo> {
  const { code, stdout, stderr } = await runNode(args, project.directory);
  expect([code, stderr.replace(/^.*ExperimentalWarning.*\n.*\n/, "")]).toEqual([0, ""]);
  return JSON.parse(stdout) as UpdateInfo;
}

async function compile(): Promise<void> {
  const { code, stdout } = await runNode([require.resolve("typescript/bin/tsc")], project.directory);
  expect([code, stdout]).toEqual([0, ""]);
}

/** The example as it was compiled first: a compiler takes longer than all that it is compiled for here. */
let built: ExampleProject | null = null;

async function takeBuild(): Promise<void> {
  if (built === null) {
    await compile();
    built = new ExampleProject();
    cpSync(project.at("dist"), built.at("dist"), { recursive: true });
  } else {
    cpSync(built.at("dist"), project.at("dist"), { recursive: true });
  }
}

afterAll(() => built?.dispose());

const loaders = {
  "the command line": () => byCommandLine.update(project),
  tsx: () => runProgram("--import", tsx, "main.ts"),
  "type stripping": () => runProgram("main.ts"),
  "a build with source maps": () => runProgram("dist/main.js"),
} as const;

type Loader = keyof typeof loaders;

/** Type stripping needs no flag from Node 22.18 and 23.6 on. */
function stripsTypes(): boolean {
  return Boolean((process.features as { readonly typescript?: false | string }).typescript);
}

test.for(Object.keys(loaders) as Loader[])(
  "after an update by %s, no other finds anything to do",
  async (first, context) => {
    const unable = first === "type stripping" && !stripsTypes();
    context.skip(unable, `Node ${process.versions.node} does not strip types by itself; 22.18 and later do`);
    await takeBuild();
    letFilesAge(project.directory);
    expect(workOf(await loaders[first]())).toEqual({ read: 5, computed: 5, upserted: 5, deleted: 0 });
    for (const [loader, update] of Object.entries(loaders)) {
      if (loader === "type stripping" && !stripsTypes()) continue;
      expect([loader, workOf(await update())]).toEqual([loader, noWork]);
    }
  },
);

test("an edit of a function is seen by each, and the others then agree", async () => {
  await takeBuild();
  letFilesAge(project.directory);
  await loaders["the command line"]();
  project.replace("flows.ts", "markdown.render(text)", 'markdown.render(text) + "<hr>"');
  expect(workOf(await loaders.tsx())).toMatchObject({ computed: 5, upserted: 5 });
  expect(workOf(await loaders["the command line"]())).toEqual(noWork);
  await compile();
  expect(workOf(await loaders["a build with source maps"]())).toEqual(noWork);
});

test("any working directory is the same app", async () => {
  letFilesAge(project.directory);
  await loaders["the command line"]();
  const { stdout } = await runNode(["--import", tsx, project.at("main.ts")], project.at("data/guide"));
  expect(workOf(JSON.parse(stdout) as UpdateInfo)).toEqual(noWork);
});
