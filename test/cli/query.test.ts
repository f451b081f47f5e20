import { describe, expect, test } from "vitest";
import { openCliProject } from "./cli-project.ts";

const long = `${"All rows that a complete listing no longer has are deleted. ".repeat(9)}The end.`;

async function updatedProject() {
  const project = openCliProject({ "data/a.md": "first\n\n  second\tthird", "data/b.md": long });
  const { code } = await project.run(["update", "query.ts:Docs", "--setup", "--quiet"]);
  expect(code).toBe(0);
  return project;
}

describe("query", () => {
  test("prints results in 80 columns: score and place, the other fields, then the text, cut", async () => {
    const project = await updatedProject();
    const { stdout, stderr, code } = await project.run(["query", "query.ts:Docs", "search", "first"]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout).toBe(`1. score 1.0000  a.md.html
   embedding   vector(384)
   same        false
   remembered  false
   location    [0,"2"]
   bytes       3 bytes
   <p>first
     second  third</p>

2. score 0.5000  b.md.html
   embedding   vector(384)
   same        false
   remembered  false
   location    [1,"2"]
   bytes       3 bytes
   <p>All rows that a complete listing no longer has are deleted. All rows that
   a complete listing no longer has are deleted. All rows that a complete
   listing no longer has are deleted. All rows that a complete listing no longer
   has are deleted. All rows that a complete listing no longer has are deleted.…
`);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("prints JSON for scripts, with vectors as arrays, to the limit; results stored by an update are used", async () => {
    const project = await updatedProject();
    const args = ["query", "query.ts:Docs", "first\n\n  second\tthird", "--json", "--limit", "1"];
    const { stdout, code } = await project.run(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      flow: "Docs",
      handler: "search",
      query: "first\n\n  second\tthird",
      results: [
        {
          score: 1,
          file: "a.md.html",
          text: "<p>first\n\n  second\tthird</p>",
          embedding: new Array(384).fill(0),
          same: true,
          remembered: true,
          location: [0, "2"],
          bytes: "AAAA",
        },
      ],
      resultFields: { score: "score", location: "file", text: "text", embedding: "embedding" },
      queryInfo: { embedding: [0.5, 1], similarityMetric: "cosine" },
    });
  });

  test("takes the name of the only handler for granted, and - for standard input", async () => {
    const project = await updatedProject();
    const { stdout } = await project.run(["query", "query.ts:Docs", "-", "--json"], { input: "asked so\n" });
    expect(JSON.parse(stdout)).toMatchObject({ handler: "search", query: "asked so" });
    const none = await project.run(["query", "query.ts:Many", "none", "x"]);
    expect(none).toEqual({ stdout: "", stderr: "no results\n", code: 0 });
    const limited = await project.run(["query", "query.ts:Many", "numbers", "x", "--limit", "2"]);
    expect(limited.stdout).toBe(
      "1.\n   n      1\n   query  x\n   limit  2\n\n2.\n   n      2\n   query  x\n   limit  2\n",
    );
  });

  test("says what is missing: a text, a name where there are several handlers, a handler at all", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const ask = async (...args: string[]) => {
      const { stderr, code } = await project.run(["query", ...args], { input: " " });
      return { code, lines: stderr.trimEnd().split("\n") };
    };
    expect(await ask("query.ts:Docs")).toEqual({
      code: 2,
      lines: [
        "error: query needs the text to ask for",
        'hint: Write sluice query query.ts:Docs "text", or - in place of the text to read it from standard input.',
      ],
    });
    expect((await ask("query.ts:Docs", "search")).lines[1]).toContain(
      'sluice query query.ts:Docs search "text"',
    );
    expect((await ask("query.ts:Docs", "search", "-")).lines[0]).toBe(
      "error: query needs the text to ask for",
    );
    expect(await ask("query.ts:Many", "what")).toEqual({
      code: 2,
      lines: [
        "error: flow Many has several query handlers: none, numbers",
        'hint: Name one, such as: sluice query query.ts:Many none "what"',
      ],
    });
    expect(await ask("query.ts:Many", "number", "what")).toEqual({
      code: 2,
      lines: [
        "error: flow Many has no query handler number",
        "  in flow Many",
        "hint: Did you mean numbers? It has none and numbers.",
      ],
    });
    expect((await ask("query.ts:Silent", "what")).lines[0]).toBe("error: flow Silent has no query handler");
    expect((await ask("query.ts:Docs", "search", "two", "words")).code).toBe(2);
    expect((await ask("query.ts:Docs", "x", "--limit", "0")).code).toBe(2);
  });

  test("fails with the handler's error and its place, exit code 1, as JSON too", async () => {
    const project = await updatedProject();
    const { stderr, stdout, code } = await project.run(["query", "query.ts:Docs", "BROKEN", "--json"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: no connection to the index\n {2}in flow Docs, step search\n {2}at query.ts:\d+\n$/,
    );
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "query-failed" } });
  });

  test("stops at Ctrl-C, which the handler sees", async () => {
    const project = await updatedProject();
    const running = project.start(["query", "query.ts:Docs", "FOREVER"]);
    await running.printed("searching");
    running.kill("SIGINT");
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain("gave up");
  });

  test("is shown with its flow", async () => {
    const project = openCliProject();
    const { stdout } = await project.run(["show", "query.ts:Docs"]);
    expect(stdout).toContain(`  query handler search
    score      score
    location   file
    text       text
    embedding  embedding
`);
    const json = JSON.parse((await project.run(["show", "query.ts:Many", "--json"])).stdout);
    expect(json.flows[0].queryHandlers).toEqual([
      { name: "none", resultFields: {} },
      { name: "numbers", resultFields: {} },
    ]);
  });
});
