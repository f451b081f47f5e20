import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commandLine, ExampleProject, letFilesAge } from "../support/example-project.ts";
import { byLibrary } from "../support/run-example.ts";

const preload = new URL("die-at-call.mjs", import.meta.url).href;
const page = "output_html/index.md.html";

let project: ExampleProject;
beforeEach(() => {
  project = new ExampleProject();
  // Then a file that is put back has wholly the version that was committed.
  project.replace("flows.ts", 'path: "data",', 'path: "data", changeDetection: "sizeMtime",');
});
afterEach(() => project.dispose());

const yesterday = new Date(Date.now() - 86_400_000);

function write(version: string, time: Date): void {
  project.write("data/index.md", `# ${version}\n`);
  project.touch("data/index.md", time);
}

/** Updates in a process that kills itself at so many changes of the file system; resolves to whether it did. */
function updateAndDie(at: number, moment: "before" | "after"): boolean {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...environment } = process.env;
  const args = ["--import", preload, commandLine, "update", "flows.ts", "--quiet"];
  const { signal } = spawnSync(process.execPath, args, {
    cwd: project.directory,
    env: { ...environment, DIE_AT_CALL: `${at} ${moment}` },
  });
  return signal === "SIGKILL";
}

test("v1 → v2, the process is killed around the write of v2, content returns to v1: the target ends at v1", async () => {
  write("v1", yesterday);
  await byLibrary.update(project);
  const v1 = project.read(page);
  const seen = new Set<string>();
  for (let at = 1, killed = true; killed; at++) {
    for (const moment of ["before", "after"] as const) {
      write("v2", new Date());
      letFilesAge(project.directory);
      killed = updateAndDie(at, moment);
      if (killed) seen.add(project.read(page));
      write("v1", yesterday);
      const info = await byLibrary.update(project);
      expect([info.ok, project.read(page)]).toEqual([true, v1]);
    }
  }
  // Killed both before and after v2 was there.
  expect([...seen].sort()).toEqual([v1, v1.replace("v1", "v2")]);
}, 120_000);
