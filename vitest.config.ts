import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "bench/*.test.ts",
      "bench/*/*.test.ts",
      "examples/**/*.test.ts",
      "src/**/*.test.ts",
      "test/**/*.test.ts",
      "tools/**/*.test.ts",
    ],
    reporters: ["./tools/reporter.ts"],
    // One worker would be the default on two cores; most of the long tests wait for processes of their own.
    maxWorkers: "100%",
    // What hangs is found all the same; a machine with much else to do needs the time, above all to start databases.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
