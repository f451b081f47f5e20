import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openPglite } from "../../src/connectors/postgres/pglite.ts";
import type { UpdateInfo } from "../../src/index.ts";
import { ExampleProject, letFilesAge } from "../../test/support/example-project.ts";
import { byCommandLine, byLibrary, type ExampleRunner } from "../../test/support/run-example.ts";
import { type ChatRequest, ModelServer } from "../../test/worlds/model-server.ts";

let project: ExampleProject;
let server: ModelServer;

beforeEach(async () => {
  project = new ExampleProject("structured-extraction");
  server = await ModelServer.start();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  project.dispose();
});

/** What an update cost and wrote. */
function workOf({ sources, functions, targets }: UpdateInfo) {
  const { computed, failed, inputTokens, outputTokens } = functions.extractByLlm ?? {};
  const { Incidents, Actions } = targets;
  return {
    read: sources.reports!.read,
    asked: computed ?? 0,
    failed: failed ?? 0,
    tokens: [inputTokens ?? 0, outputTokens ?? 0],
    incidents: [Incidents?.upserted ?? 0, Incidents?.deleted ?? 0],
    actions: [Actions?.upserted ?? 0, Actions?.deleted ?? 0],
  };
}

const noWork = { read: 0, asked: 0, failed: 0, tokens: [0, 0], incidents: [0, 0], actions: [0, 0] };

async function update(runner: ExampleRunner = byLibrary): Promise<UpdateInfo> {
  letFilesAge(project.directory);
  return runner.update(project);
}

/** A test that works in this process keeps it open, so that it need not start for each update. */
const openDatabase = () => openPglite({ directory: "incidents_db", appDirectory: project.directory });

async function rowsOf(sql: string): Promise<unknown[]> {
  await using database = await openDatabase();
  return (await database.client.query(sql)).rows;
}

/** The table, with its dates as text, once it is known to have dates. */
const incidentRows = () =>
  rowsOf(
    "SELECT report, day::text AS day, severity, minutes FROM incidents WHERE pg_typeof(day) = 'date'::regtype ORDER BY report",
  );

/** Has a model asked, and its answers recorded. */
function recordFrom(answerTo: (request: ChatRequest) => string): void {
  server.answerTo = answerTo;
  vi.stubEnv("RECORD", "1");
  vi.stubEnv("MODEL_URL", server.url);
}

const report = ({ messages }: ChatRequest) => messages[1]!.content;
const answer = (severity: string, title = "Read again") =>
  JSON.stringify({ title, day: "2026-05-01", severity, minutes: null, actions: [] });

/** What the recorded answers, written by hand, say that they cost. */
const committedTokens = [614, 236];

describe.each([byLibrary, byCommandLine])("run by $name", (runner) => {
  test("reports become typed rows, without a model, and an edit asks about one", async () => {
    await using _kept = runner === byLibrary ? await openDatabase() : null;
    expect(workOf(await update(runner))).toEqual({
      ...noWork,
      read: 4,
      asked: 4,
      tokens: committedTokens,
      incidents: [4, 0],
      actions: [6, 0],
    });
    expect(await incidentRows()).toEqual([
      { report: "checkout-timeouts.txt", day: "2026-03-04", severity: "critical", minutes: 47 },
      { report: "late-newsletter.txt", day: "2026-03-19", severity: "minor", minutes: null },
      { report: "login-page-blank.txt", day: "2026-04-15", severity: "minor", minutes: 95 },
      { report: "search-stale.txt", day: "2026-04-02", severity: "major", minutes: 360 },
    ]);
    expect(await runner.query(project, { text: "priya", limit: 5 })).toEqual([
      {
        what: "Limit reports to five connections",
        owner: "Priya",
        due: "2026-03-11",
        report: "checkout-timeouts.txt",
        severity: "critical",
      },
    ]);
    expect(workOf(await update(runner))).toEqual(noWork);

    project.replace("data/checkout-timeouts.txt", "by 11 March", "by 13 March"); // its answer is recorded too
    expect(workOf(await update(runner))).toEqual({
      ...noWork,
      read: 1,
      asked: 1,
      tokens: [180, 66],
      actions: [1, 1], // the incident's own row has not changed
    });
    expect(await runner.query(project, { text: "priya", limit: 5 })).toMatchObject([{ due: "2026-03-13" }]);
    expect((await runner.verify(project)).ok).toBe(true);
  }, 240_000);
});

test("another instruction asks about every report again, and writes what comes out different", async () => {
  await using _kept = await openDatabase();
  await update();
  project.replace("flows.ts", "Read the report of an incident.", "Read the report. Rate it yourself.");
  const unasked = await update();
  expect(unasked.failures).toHaveLength(4);
  expect(unasked.failures[0]!.error.message).toContain("no answer is recorded for");
  expect(await incidentRows()).toHaveLength(4); // those of before

  recordFrom((request) => answer("major", report(request).split("\n")[0]));
  expect(workOf(await update())).toEqual({
    ...noWork,
    read: 4,
    asked: 4,
    tokens: [40, 12],
    incidents: [4, 0],
    actions: [0, 6],
  });
  expect(server.chats[0]!.messages[0]!.content).toMatch(/^Read the report\. Rate it yourself\.\n/);

  // What was recorded answers a build from nothing, without the server.
  vi.unstubAllEnvs();
  await server.stop();
  await expectOfRebuild({ asked: 4, tokens: [40, 12], incidents: [4, 0] });
}, 240_000);

test("an answer that does not fit is asked for again, and then is one row's failure", async () => {
  await using _kept = await openDatabase();
  project.replace("data/late-newsletter.txt", "minor", "annoying");
  recordFrom((request) => {
    if (report(request).includes("annoying")) return answer("annoying");
    const isAskedAgain = request.messages.length > 2;
    return answer(report(request).includes("Major") && !isAskedAgain ? "huge" : "minor");
  });
  const info = await update();
  expect(info.failures).toMatchObject([
    { source: "reports", row: "late-newsletter.txt", error: { code: "extraction-invalid" } },
  ]);
  expect(info.failures[0]!.error.message).toContain("asked 3 times");
  expect(workOf(info)).toMatchObject({ asked: 4, failed: 1, tokens: [70, 21], incidents: [3, 0] });
  const conversations = server.chats.filter((request) => report(request).includes("annoying"));
  expect(conversations.map(({ messages }) => messages.length)).toEqual([2, 4, 6]);
  expect(conversations[2]!.messages.at(-1)!.content).toContain("severity");

  // The recording is of whole conversations, so that they go the same way without a server.
  vi.unstubAllEnvs();
  await server.stop();
  await expectOfRebuild({ asked: 4, failed: 1, tokens: [70, 21], incidents: [3, 0] });
  const again = await update();
  expect(workOf(again)).toMatchObject({ asked: 1, failed: 1, tokens: [30, 9], incidents: [0, 0] });
  expect(again.failures).toMatchObject([{ error: { code: "extraction-invalid" } }]);

  mendRecording();
  expect(workOf(await update())).toMatchObject({ asked: 1, failed: 0, tokens: [10, 3], incidents: [1, 0] });
  expect(await incidentRows()).toHaveLength(4);
  expect(workOf(await update())).toEqual(noWork);
}, 240_000);

/** What a build from nothing costs and writes, with what is recorded now. */
async function expectOfRebuild(expected: Partial<ReturnType<typeof workOf>>): Promise<void> {
  const rebuild = project.copyUnbuilt();
  try {
    expect(workOf(await byLibrary.update(rebuild))).toMatchObject(expected);
  } finally {
    rebuild.dispose();
  }
}

/** Puts the answers right that do not fit, as one would by hand. */
function mendRecording(): void {
  const file = "recorded-answers.json";
  project.write(
    file,
    project.read(file).replaceAll('\\"severity\\":\\"annoying\\"', '\\"severity\\":\\"minor\\"'),
  );
}
