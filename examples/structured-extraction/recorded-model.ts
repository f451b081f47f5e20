import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { TextAnswer, TextModel, TextRequest } from "sluice/functions";

export interface RecordedModelOptions {
  /** A JSON file of answers, by the digest of what was asked. */
  readonly file: string;
  /** Where given, it is asked instead, and what it answers is written into the file. */
  readonly recordFrom?: TextModel | undefined;
}

interface RecordedAnswer extends TextAnswer {
  /** Where the question begins, for those who read the file. */
  readonly question: string;
  /** The name of the model that has answered. */
  readonly by: string;
}

type Recording = Readonly<Record<string, RecordedAnswer>>;

/** A language model that answers from a file: the same every time, without a server and without cost. */
export function recordedModel({ file, recordFrom }: RecordedModelOptions): TextModel {
  return {
    name: recordFrom?.name ?? "recorded",
    async generate(request, call) {
      const digest = digestOf(request);
      if (recordFrom === undefined) return recordedAnswer(readRecording(file)[digest], request);
      const answer = await recordFrom.generate(request, call);
      const recorded = { question: questionOf(request), by: recordFrom.name, ...answer };
      writeRecording(file, { ...readRecording(file), [digest]: recorded });
      return answer;
    },
    // Whoever has answered: rows that have their answers are not asked about again because others are recorded.
    toJSON: () => ({ model: "recorded" }),
  };
}

/** Turns, schema, temperature and instruction: another question has another answer. */
function digestOf({ system, turns, schema, temperature }: TextRequest): string {
  const asked = JSON.stringify({ system, turns, schema, temperature });
  return createHash("sha256").update(asked).digest("hex").slice(0, 32);
}

function questionOf({ turns }: TextRequest): string {
  return (turns.at(-1)?.content ?? "").slice(0, 80);
}

function recordedAnswer(recorded: RecordedAnswer | undefined, request: TextRequest): TextAnswer {
  if (recorded !== undefined) {
    const { question: _question, by: _by, ...answer } = recorded;
    return answer;
  }
  const question = JSON.stringify(questionOf(request));
  throw new Error(
    `no answer is recorded for ${question}…; with RECORD=1 a model is asked, and its answer recorded`,
  );
}

function readRecording(file: string): Recording {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Recording) : {};
}

/** Whole or not at all, in an order that does not depend on who was answered first. */
function writeRecording(file: string, recording: Recording): void {
  const entries = Object.entries(recording).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(`${file}.new`, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
