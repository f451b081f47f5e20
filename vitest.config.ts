import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["examples/**/*.test.ts", "src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"],
    reporters: ["./tools/reporter.ts"],
    testTimeout: 30_000,
  },
});
