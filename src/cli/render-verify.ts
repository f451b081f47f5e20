import type { FindingKind, RowFinding, TargetVerification } from "../app/events.ts";
import type { RepairInfo, VerifyInfo } from "../app/verify-flow.ts";
import { commandFor, type NamedFlow } from "./approval-command.ts";
import { counted, formatCount, formatSpan } from "./format-number.ts";
import { printableLine } from "./printable.ts";
import { reasonLines, renderRowFailures } from "./render-summary.ts";
import type { Format, Style } from "./style.ts";
import { padToWidth, textWidth } from "./text-width.ts";

const kinds: readonly FindingKind[] = ["missing", "extra", "different", "pending"];

const formats: Readonly<Record<FindingKind, Format>> = {
  missing: "red",
  extra: "red",
  different: "red",
  pending: "yellow",
};

/** What a verification found, as lines: how the flow stands, then its targets with the rows that are named. */
export function renderVerification(info: VerifyInfo, style: Style): string[] {
  const targets = Object.entries(info.targets);
  const nameWidth = Math.max(0, ...[...Object.keys(info.targets), ...info.unverified].map(textWidth));
  const line = (name: string, text: string) => `  ${padToWidth(name, nameWidth)}  ${text}`;
  return [
    `${style("bold", info.flow)}: ${verdict(info, style)} (${formatSpan(info.elapsedMs)})`,
    ...targets.flatMap(([name, target]) => [
      line(name, targetFacts(target, style)),
      ...findingLines(target, style),
    ]),
    ...info.unverified.map((name) =>
      line(name, style("dim", "not verified: its target cannot be read back")),
    ),
  ];
}

function verdict({ targets, unverified, repair, ok }: VerifyInfo, style: Style): string {
  const verified = Object.values(targets);
  if (verified.length === 0 && unverified.length > 0) return style("yellow", "nothing could be verified");
  const repaired = repair && repairFacts(repair);
  const state = ok
    ? style("green", repaired ? "repaired" : "all right")
    : style("red", repaired ? "repaired in part" : "not as it should be");
  return repaired ? `${state}, ${repaired}` : state;
}

/** Null where nothing was repaired. */
function repairFacts({ targets }: RepairInfo): string | null {
  const all = Object.values(targets);
  const written = all.reduce((sum, one) => sum + one.written, 0);
  const deleted = all.reduce((sum, one) => sum + one.deleted, 0);
  if (written + deleted === 0) return null;
  return `${counted(written, "row")} written, ${formatCount(deleted)} deleted`;
}

function targetFacts(target: TargetVerification, style: Style): string {
  if (target.error) return style("red", "could not be read back to its end, so nothing is said of its rows");
  const { expected, found } = target;
  const wrong = kinds.flatMap((kind) =>
    target[kind] === 0 ? [] : [style(formats[kind], `${formatCount(target[kind])} ${kind}`)],
  );
  return [`${formatCount(expected)} expected`, `${formatCount(found)} found`, ...wrong].join(", ");
}

function findingLines(target: TargetVerification, style: Style): string[] {
  return kinds.flatMap((kind) => {
    const named = target.findings.filter((finding) => finding.kind === kind);
    const more = target[kind] - named.length;
    return [
      ...named.map((finding) => findingLine(finding, style)),
      ...(more > 0 && named.length > 0 ? [`    and ${formatCount(more)} more ${kind}`] : []),
    ];
  });
}

function findingLine({ kind, key, from, reason }: RowFinding, style: Style): string {
  const origin = from ? style("dim", `  (${from.source} ${printableLine(from.row)})`) : "";
  const why = reason === null ? "" : `: ${printableLine(reason)}`;
  return `    ${style(formats[kind], padToWidth(kind, 9))}  ${printableLine(key)}${origin}${why}`;
}

/** What kept a verification or a repair from its end, as lines; none where nothing did. */
export function renderVerifyProblems(info: VerifyInfo, style: Style): string[] {
  const { flow, targets, repair } = info;
  const unread = Object.entries(targets).flatMap(([name, { error }]) =>
    error ? reasonLines(style("red", `${flow}: ${name} could not be read back:`), error) : [],
  );
  const refused = (repair?.refused ?? []).flatMap(({ target, error }) =>
    reasonLines(style("red", `${flow}: extra rows of ${target} were not deleted:`), error),
  );
  const failed = repair ? renderRowFailures({ flow, failures: repair.failures }, repair.failed, style) : [];
  return [...unread, ...refused, ...failed];
}

/** What to do about what was found, one line each. */
export function verifyHints({ targets, repair }: VerifyInfo, flow: NamedFlow): string[] {
  const verified = Object.values(targets);
  const wrong = verified.some(({ missing, extra, different }) => missing + extra + different > 0);
  const pending = verified.some((target) => target.pending > 0);
  return [
    ...(wrong && !repair ? [`hint: To put it right, run: ${commandFor("verify", flow, ["--repair"])}`] : []),
    ...(pending ? [`hint: To settle what is pending, run: ${commandFor("update", flow)}`] : []),
  ];
}
