import { expect, test } from "vitest";
import { openCliProject } from "./cli-project.ts";

test("a flow that another process holds is refused, or waited for", async () => {
  const project = openCliProject({ "data/a.md": "WAIT", "data/b.md": "B" });
  const holder = project.start(["update", "flows.ts", "--setup"]);
  await holder.printed("waiting for go");

  const refused = await project.run(["update", "flows.ts"]);
  expect(refused.stderr).toMatch(/^error: .*Docs/);
  expect(refused.stderr).toContain("hint: ");
  expect(refused.code).toBe(5);

  const waiting = project.start(["update", "flows.ts", "--wait"]);
  await waiting.printed("waiting for flow Docs, held by process ");
  project.write("go");
  expect((await holder.finished).code).toBe(0);
  const { code, stdout, stderr } = await waiting.finished;
  expect(stdout).toContain("Docs: nothing changed");
  expect(stderr.match(/waiting for flow/g)).toHaveLength(1);
  expect(code).toBe(0);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s stops cleanly, and the next run goes on", async (signal) => {
  const project = openCliProject({ "data/a.md": "A", "data/b.md": "WAIT" });
  const running = project.start(["update", "flows.ts", "--setup"]);
  await running.printed("waiting for go");
  running.kill(signal);
  const { code, stdout, stderr } = await running.finished;
  expect(stderr).toContain("stopping: finishing what is half applied; press Ctrl-C again to stop at once");
  expect(stderr).toContain("Docs: stopped; run the command again to go on");
  expect(stdout).toBe("");
  expect(code).toBe(130);

  project.write("go");
  const next = await project.run(["update", "flows.ts"]);
  expect(next.code).toBe(0);
  expect(project.list("out")).toEqual(["a.md.html", "b.md.html"]);
});

test("a second SIGINT stops at once, and the next run goes on", async () => {
  const project = openCliProject({ "data/a.md": "WAIT STUBBORN" });
  const running = project.start(["update", "flows.ts", "--setup"]);
  await running.printed("waiting for go");
  running.kill("SIGINT");
  await running.printed("stopping: ");
  running.kill("SIGINT");
  expect((await running.finished).code).toBe(130);

  project.write("go");
  expect((await project.run(["update", "flows.ts"])).code).toBe(0);
  expect(project.list("out")).toEqual(["a.md.html"]);
});

test("what user code leaves open does not keep a finished command alive", async () => {
  const project = openCliProject({ "data/a.md": "A" });
  project.write("flows.ts", `setInterval(() => {}, 1_000);\n${project.read("flows.ts")}`);
  expect((await project.run(["update", "flows.ts", "--setup"])).code).toBe(0);
});
