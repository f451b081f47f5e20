import { writeFileSync } from "node:fs";
import { reportCheck } from "../project/finding.ts";
import { awaitedFile, findUnused, shrinkAwaited } from "./find-unused.ts";

const root = process.cwd();
if (process.argv.includes("--shrink")) {
  writeFileSync(awaitedFile, `${JSON.stringify(shrinkAwaited(root), null, 2)}\n`);
}
reportCheck("unused", findUnused(root));
