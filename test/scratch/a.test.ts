import { test } from "vitest";
import { ExampleProject, letFilesAge } from "../support/example-project.ts";
import { byLibrary, workOf } from "../support/run-example.ts";
import { writeSync } from "node:fs";
const log = (...x: unknown[]) => writeSync(2, `${JSON.stringify(x)}\n`);
test("a", async () => {
const p = new ExampleProject();
log("made", p.directory);
letFilesAge(p.directory);
log("aged");
log(workOf(await byLibrary.update(p)));
log(workOf(await byLibrary.update(p)));
p.dispose();
});
