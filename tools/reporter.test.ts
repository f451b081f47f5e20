import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryTree } from "./project/temporary-tree.ts";

const config = (root: string) => `
export default {
  root: ${JSON.stringify(root)},
  test: { globals: true, reporters: [${JSON.stringify(join(process.cwd(), "tools/reporter.ts"))}] },
};`;

interface Run {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** Runs vitest on a project of its own and takes both outputs in the order in which they came. */
function run(files: Readonly<Record<string, string>>, ...args: string[]): Run {
  const root = temporaryTree(files);
  const configFile = join(temporaryTree({ "vitest.config.mjs": config(root) }), "vitest.config.mjs");
  const vitest = join(process.cwd(), "node_modules/vitest/vitest.mjs");
  const command = [
    "exec",
    ...[process.execPath, vitest, "run", "--config", configFile, ...args].map(quote),
    "2>&1",
  ];
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
  const result = spawnSync("sh", ["-c", command.join(" ")], {
    encoding: "utf8",
    env: { ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { status: result.status, lines: result.stdout.trimEnd().split("\n") };
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

const green = 'it("is green", () => {});\n';

describe("the test reporter", () => {
  it("ends with the counts of a green run", () => {
    const { status, lines } = run({ "a.test.js": green, "b.test.js": green });
    expect(lines.at(-1)).toBe("2 passed, 0 failed");
    expect(status).toBe(0);
  });

  it("prints failures before anything that passed, and skips with their reason", () => {
    const { status, lines } = run({
      "a.test.js": `${green}it("is skipped", (context) => context.skip("no server here"));`,
      "c.test.js": `describe("all", () => { beforeEach((context) => context.skip(true, "not on this machine")); ${green}});`,
      "b.test.js": 'it("is red", () => { throw new Error("planted"); });',
    });
    const lineWith = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(lineWith("planted")).toBeGreaterThan(-1);
    expect(lineWith("planted")).toBeLessThan(lineWith("a.test.js"));
    expect(lineWith("b.test.js (")).toBeLessThan(lineWith("a.test.js ("));
    expect(lineWith("no server here")).toBeGreaterThan(-1);
    expect(lines).toContain("skipped: all > is green: not on this machine");
    expect(lines.slice(-2)).toEqual(["failed: b.test.js: is red: planted", "1 passed, 1 failed, 2 skipped"]);
    expect(status).toBe(1);
  });

  it("counts a file that cannot be loaded, a hook that fails and an error outside any test", () => {
    const { status, lines } = run({
      "a.test.js": `${green}throw new Error("while loading");`,
      "b.test.js": `describe("suite", () => { afterAll(() => { throw new Error("hook"); });\n${green}});`,
      "c.test.js": `it("leaks", () => { setTimeout(() => { throw new Error("late"); }); return new Promise((go) => setTimeout(go, 50)); });`,
    });
    expect(lines.filter((line) => line.startsWith("failed: "))).toEqual([
      "failed: a.test.js: the file itself: while loading",
      "failed: b.test.js: suite: hook",
      "failed: outside any test: late",
    ]);
    expect(lines.at(-1)).toBe("2 passed, 3 failed");
    expect(status).toBe(1);
  });

  it.each([
    ["there is no test file", {}, "0 passed, 0 failed"],
    ["no test of a file is asked for", { "a.test.js": green }, "0 passed, 0 failed, 1 skipped"],
  ])("fails when %s", (_what, files, last) => {
    const { status, lines } = run(files, "-t", "no test has this name");
    expect(lines.at(-1)).toBe(last);
    expect(lines).toContain("No test ran.");
    expect(status).toBe(1);
  });
});
