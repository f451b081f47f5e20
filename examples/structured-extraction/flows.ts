import { fileURLToPath } from "node:url";
import { date, defineFlow, env, generatedUuid } from "sluice";
import { extractByLlm, openAiCompatible } from "sluice/functions";
import { localFiles } from "sluice/local-files";
import { openPglite, pglite } from "sluice/pglite";
import { z } from "zod";
import { recordedModel } from "./recorded-model.ts";

const directory = "incidents_db";

const incident = z.object({
  title: z.string(),
  day: date(),
  severity: z.enum(["minor", "major", "critical"]),
  minutes: z.int().nullable().describe("how long it lasted; null where the report does not say"),
  actions: z
    .array(
      z.object({
        what: z.string().describe("what is to be done, as an order, without who and when"),
        owner: z.string().nullable().describe("who does it"),
        due: date().nullable(),
      }),
    )
    .describe("what is done so that it does not happen again; empty where there is nothing"),
});

/** A real model, which RECORD=1 asks: `MODEL_URL`, `MODEL` and, where it wants one, `MODEL_API_KEY`. */
function realModel() {
  return openAiCompatible({
    url: process.env.MODEL_URL ?? "http://localhost:11434/v1",
    model: process.env.MODEL ?? "llama3.2",
    ...(process.env.MODEL_API_KEY === undefined ? {} : { apiKey: env("MODEL_API_KEY") }),
  });
}

const readIncident = extractByLlm({
  model: recordedModel({
    file: fileURLToPath(new URL("recorded-answers.json", import.meta.url)),
    recordFrom: process.env.RECORD === "1" ? realModel() : undefined,
  }),
  instruction: "Read the report of an incident.",
  output: incident,
});

/** What reports of incidents say, as rows of two tables: one for each incident, one for each of its actions. */
export const incidents = defineFlow("Incidents", (flow) => {
  const reports = flow.addSource("reports", localFiles({ path: "data", includedPatterns: ["**/*.txt"] }));
  const incidentRows = flow.addCollector<{
    report: string;
    title: string;
    day: string;
    severity: string;
    minutes: number | null;
  }>();
  const actionRows = flow.addCollector<{
    id: string;
    report: string;
    what: string;
    owner: string | null;
    due: string | null;
  }>();
  reports.forEachRow((report) => {
    const read = report.content.transform(readIncident);
    const { title, day, severity, minutes } = read;
    incidentRows.collect({ report: report.filename, title, day, severity, minutes });
    read.actions.forEachRow(({ what, owner, due }) => {
      actionRows.collect({ id: generatedUuid(), report: report.filename, what, owner, due });
    });
  });
  incidentRows.export("Incidents", pglite({ directory, table: "incidents" }), {
    primaryKeyFields: ["report"],
  });
  actionRows.export("Actions", pglite({ directory, table: "actions" }), { primaryKeyFields: ["id"] });
});

incidents.addQueryHandler({
  name: "actionsOf",
  async handler(owner, { limit, appDirectory }) {
    const { client, close } = await openPglite({ directory, appDirectory });
    try {
      const { rows } = await client.query(
        `SELECT what, owner, due::text AS due, report, severity FROM actions JOIN incidents USING (report)
         WHERE owner ILIKE $1 ORDER BY due NULLS LAST, what LIMIT $2`,
        [owner, limit],
      );
      return rows as { what: string; owner: string; due: string | null; report: string; severity: string }[];
    } finally {
      await close();
    }
  },
  resultFields: { location: "report", text: "what" },
});
