import { appendFileSync, writeFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

// Preloaded: writes the address of every module that the process loads to the file that LOADED names, a line each.
const list = process.env.LOADED;
writeFileSync(list, "");
register(
  `data:text/javascript,${encodeURIComponent(`
  import { appendFileSync } from "node:fs";
  export async function load(url, context, next) {
    appendFileSync(${JSON.stringify(list)}, url + "\\n");
    return next(url, context);
  }`)}`,
);

// What is required passes by the hook.
const { cache } = createRequire(fileURLToPath(import.meta.url));
process.on("exit", () => {
  for (const path of Object.keys(cache)) appendFileSync(list, `${pathToFileURL(path)}\n`);
});
