import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { QueryResult, UpdateInfo } from "../../src/index.ts";
import { copyExample } from "./example-copy.ts";
import { expectNumbers, problems, say } from "./say.ts";

/** Makes the documents searchable, asks them something, and asks for a file that has come since. */
export function showAnswers(root: string, documents: readonly string[]): void {
  const example = copyExample(root, "text-embedding", ["flows.ts", "database.ts"]);
  const count = documents.length;
  say("\nThe flow of examples/text-embedding cuts the same files into chunks, and keeps");
  say("these with their vectors in a Postgres within the process.\n");
  const first = workOf(example.update());
  expectNumbers(first, { read: count, split: count, upserted: first.embedded });
  if (first.embedded < count) problems.push(`${first.embedded} chunks of ${count} files`);

  say("\nA question by vectors. They are lexical here; a line of the flow makes them");
  say("those of a model.\n");
  expectScores(example.query("semantic", "how do deletions wait for approval", 2), 2);

  const added = "lamplighters.md";
  const line = "Lamplighters trim every wick at dusk.";
  say(`\nA file comes, ${added}: "${line}"\n`);
  writeFileSync(join(root, "docs", added), `${line}\n`);
  expectNumbers(workOf(example.update()), { read: 1, split: 1, embedded: 1, upserted: 1 });

  say("\nA question by words, which only that file answers.\n");
  const found = example.query("words", "when do lamplighters trim wicks", 2);
  expectScores(found, 1);
  if (found[0]?.place !== `${added}:1`) problems.push(`${added} was not found by its words`);
}

function workOf({ sources, functions, targets }: UpdateInfo) {
  return {
    read: sources.files?.read ?? -1,
    split: functions.splitRecursively?.computed ?? 0,
    embedded: functions.hashingEmbed?.computed ?? 0,
    upserted: targets.Chunks?.upserted ?? 0,
  };
}

/** So many results, best first, whose scores say that they have something of the question. */
function expectScores(results: QueryResult["results"], count: number): void {
  const scores = results.map(({ score }) => Number(score));
  expectNumbers({ results: scores.length }, { results: count });
  const ordered = scores.every((score, i) => score > 0 && score <= (scores[i - 1] ?? 1));
  if (!ordered) problems.push(`scores ${scores.join(", ")}`);
}
