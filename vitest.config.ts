import { fileURLToPath } from "node:url";
import { defaultExclude, defineConfig } from "vitest/config";

/** What imports the package by its name, as users do, is tested with the sources and not with the last build. */
const sources = Object.entries({
  sluice: "src/index.ts",
  "sluice/lancedb": "src/connectors/lancedb/index.ts",
  "sluice/local-files": "src/connectors/local-files/index.ts",
  "sluice/pglite": "src/connectors/postgres/pglite.ts",
}).map(([name, file]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

/** Tests that leave nothing behind that others see: that each would load all modules anew takes longer than many do. */
const sharing = ["src/**/*.test.ts", "test/{asking,connectors,explain,live,setup,update,verify}/*.test.ts"];

const alone = [
  "bench/*.test.ts",
  "bench/*/*.test.ts",
  "examples/**/*.test.ts",
  "test/**/*.test.ts",
  "tools/**/*.test.ts",
];

export default defineConfig({
  resolve: { alias: sources },
  test: {
    projects: [
      { extends: true, test: { name: "sharing", include: sharing, isolate: false } },
      { extends: true, test: { name: "alone", include: alone, exclude: [...defaultExclude, ...sharing] } },
    ],
    reporters: ["./tools/reporter.ts"],
    // One worker would be the default on two cores; most of the long tests wait for processes of their own.
    maxWorkers: "100%",
    // What hangs is found all the same; a machine with much else to do needs the time, above all to start databases.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
