import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { type CliProject, openCliProject } from "../cli/cli-project.ts";
import { type LoadedModules, listingLoaded, readLoaded } from "./loaded-modules.ts";

async function loadedBy(project: CliProject, args: readonly string[]): Promise<LoadedModules> {
  const list = project.at("loaded.txt");
  const { code } = await project.run(args, { env: listingLoaded(list) });
  expect(code).toBe(0);
  return readLoaded(list);
}

function loadedByProgram(project: CliProject, program: string): LoadedModules {
  const list = project.at("loaded.txt");
  project.write("program.mjs", program);
  execFileSync(process.execPath, ["program.mjs"], {
    cwd: project.path,
    env: { ...process.env, ...listingLoaded(list) },
  });
  return readLoaded(list);
}

test("help loads what reads a command line, and nothing else", async () => {
  const { packages, ours } = await loadedBy(openCliProject(), ["--help"]);
  expect(packages).toEqual(["commander"]);
  expect(ours.length).toBeLessThanOrEqual(5);
});

test("listing a directory without a store loads neither a store nor what defines flows", async () => {
  const { packages, ours } = await loadedBy(openCliProject(), ["ls"]);
  expect(packages).toEqual(["commander"]);
  expect(ours).not.toContain("index.js");
  expect(ours.length).toBeLessThanOrEqual(35);
});

test("listing the flows of a file loads a store where there is one, a parser the first time, and nothing else", async () => {
  const project = openCliProject();
  const before = await loadedBy(project, ["ls", "flows.ts"]);
  expect(before.packages).toEqual(["@babel/parser", "commander", "jiti", "zod"]);
  expect(before.ours.length).toBeLessThanOrEqual(35);

  expect((await project.run(["setup", "flows.ts", "--force"])).code).toBe(0);
  const { packages } = await loadedBy(project, ["ls", "flows.ts"]);
  expect(packages).toEqual(expect.arrayContaining(["commander", "jiti", "lmdb", "zod"]));
  for (const unused of ["@babel/parser", "@clack/prompts", "picomatch", "yaml"])
    expect(packages).not.toContain(unused);
});

test("a program that imports Sluice loads few files, and what flows may do only when they do it", () => {
  const program = 'import "sluice"; import "sluice/local-files";';
  const { packages, ours } = loadedByProgram(openCliProject(), program);
  expect(packages).toEqual(["zod"]);
  expect(ours.length).toBeLessThanOrEqual(15);
});

test("neither a command nor what flows import makes anything of Intl", async () => {
  const project = openCliProject({ "data/a.md": "A" });
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(resolve("test/startup/no-intl.mjs")).href}` };
  for (const args of [["update", "flows.ts", "--force"], ["show", "flows.ts"], ["ls"]]) {
    const { code, stderr } = await project.run(args, { env });
    expect(code, stderr).toBe(0);
  }
  project.write("program.mjs", 'import "sluice"; import "sluice/functions"; import "sluice/local-files";');
  execFileSync(process.execPath, ["program.mjs"], { cwd: project.path, env: { ...process.env, ...env } });
});
