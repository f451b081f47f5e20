import { readdirSync, readFileSync } from "node:fs";
import type { Regression } from "./report-failure.ts";

const directory = new URL("../regressions/", import.meta.url);

export interface NamedRegression {
  readonly name: string;
  readonly regression: Regression;
}

/** The cases that failed once, by name. */
export function readRegressions(): readonly NamedRegression[] {
  const files = readdirSync(directory).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => ({
    name: file.slice(0, -".json".length),
    regression: JSON.parse(readFileSync(new URL(file, directory), "utf8")) as Regression,
  }));
}
