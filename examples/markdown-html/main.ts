import { pages } from "./flows.ts";

// What `sluice update --setup` does, from a program of your own.
await pages.setup();
const info = await pages.update();

console.log(JSON.stringify(info, null, 2));
for (const { source, row, error } of info.failures) console.error(`${source} ${row}: ${error.message}`);
process.exitCode = info.ok ? 0 : 1;
