import { errorCodes } from "../../src/errors/codes.ts";

/** Where the generated page stands. */
export const referenceFile = "docs/reference/errors.md";

const meanings: Readonly<Record<number, string>> = {
  1: "rows failed, or a listing was incomplete",
  2: "usage or definition",
  3: "setup needed or refused",
  4: "deletions held",
  5: "flow held by another process",
  6: "store or internal error",
  130: "interrupted",
};

/** The page of all error codes, made from the table in the source. */
export function renderErrorReference(): string {
  const codes = Object.entries(errorCodes);
  const exitCodes = [...new Set(codes.map(([, { exitCode }]) => exitCode))].sort((a, b) => a - b);
  const rows = codes.map(([code, { exitCode, summary }]) => `| \`${code}\` | ${summary} | ${exitCode} |`);
  return [
    "<!-- Generated from src/errors/codes.ts by `npm run docs:errors`; edit that. -->",
    "",
    "# Error codes",
    "",
    "Every error that Sluice reports is a `SluiceError` with one of these codes. The message says what happened",
    "and to what, `hint` what to do about it, `where` the flow, source, row and step.",
    "",
    "| code | meaning | exit code |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "## Exit codes",
    "",
    "| exit code | meaning |",
    "| --- | --- |",
    "| 0 | done |",
    ...exitCodes.map((exitCode) => `| ${exitCode} | ${meaningOf(exitCode)} |`),
    "",
  ].join("\n");
}

function meaningOf(exitCode: number): string {
  const meaning = meanings[exitCode];
  if (meaning === undefined) throw new Error(`exit code ${exitCode} has no meaning yet: give it one here`);
  return meaning;
}
