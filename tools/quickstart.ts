import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWhereNeeded } from "./quickstart/build-where-needed.ts";
import { copyDocuments } from "./quickstart/example-copy.ts";
import { problems, say, style } from "./quickstart/say.ts";
import { showAnswers } from "./quickstart/show-answers.ts";
import { showPages } from "./quickstart/show-pages.ts";

// Runs two examples on this repository's own documents, in a temporary directory: makes pages of them, and looks
// whether an edit of one costs the work of one; makes them searchable, and asks them something.

await buildWhereNeeded();
const root = realpathSync.native(mkdtempSync(join(tmpdir(), "sluice-quickstart-")));
try {
  const documents = copyDocuments(root);
  showPages(root, documents);
  showAnswers(root, documents);
} finally {
  rmSync(root, { recursive: true, force: true });
}
for (const problem of problems) console.error(style("red", `Not as it should be: ${problem}`));
process.exitCode = problems.length === 0 ? 0 : 1;
if (problems.length === 0)
  say("\nNext: README.md, and docs/guide/getting-started.md for a flow of your own.");
