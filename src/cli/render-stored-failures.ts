import type { StoredFailure } from "../app/stored-failures.ts";
import { counted } from "./format-number.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { localTime } from "./timestamp.ts";
import { wrapFacts, wrapText } from "./wrap-text.ts";

/** The failures of a flow, as lines that fit the columns of a terminal; null: of any length. */
export function renderStoredFailures(
  flow: string,
  failures: readonly StoredFailure[],
  { style, columns }: { readonly style: Style; readonly columns: number | null },
): string[] {
  if (failures.length === 0) return [`${style("bold", flow)}: no failures`];
  // Beside what is indented there must be room for a comma.
  const width = Math.max(20, (columns ?? Number.POSITIVE_INFINITY) - 5);
  return [
    `${style("bold", flow)}: ${style("red", counted(failures.length, "failure"))}`,
    ...failures.flatMap((failure) => [
      ...hanging(wrapText(placeText(failure), width)),
      ...indented([
        ...wrapText(causeText(failure), width),
        ...(failure.hint === null ? [] : wrapText(`hint: ${printableLine(failure.hint)}`, width)),
        ...wrapFacts(times(failure), width),
      ]),
    ]),
    ...wrapText(outlook, width),
  ];
}

const outlook =
  "The next update tries all of them again, due or not; `sluice update --retry-failed` runs only these.";

function placeText(failure: StoredFailure): string {
  if (failure.kind === "target-row") return `target ${failure.target}, row ${printableLine(failure.key)}`;
  const step = failure.step === null ? "" : `, step ${failure.step}`;
  const removal = failure.removal ? ", being removed" : "";
  return `${failure.source} ${printableLine(failure.row)}${step}${removal}`;
}

function causeText({ message, code }: StoredFailure): string {
  return `${printableLine(message)} (${code})`;
}

function times({ attempts, firstAt, lastAt, nextAt }: StoredFailure): string[] {
  const next = `next due ${localTime(nextAt.getTime())}`;
  if (attempts === 1) return [`1 attempt, ${localTime(lastAt.getTime())}`, next];
  return [
    `${counted(attempts, "attempt")}, first ${localTime(firstAt.getTime())}`,
    `last ${localTime(lastAt.getTime())}`,
    next,
  ];
}

function hanging([first, ...rest]: readonly string[]): string[] {
  return [`  ${first}`, ...indented(rest)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}
