import type { Json, SetupActionDescription, SetupDescription, SetupVerb } from "../app/describe-setup.ts";
import { formatTable } from "./format-table.ts";
import { type JsonChange, jsonDiff } from "./json-diff.ts";
import { printableLine } from "./printable.ts";
import type { Format, Style } from "./style.ts";

const signs: Readonly<Record<SetupVerb, { readonly sign: string; readonly format: Format }>> = {
  create: { sign: "+", format: "green" },
  alter: { sign: "~", format: "yellow" },
  rewrite: { sign: "~", format: "yellow" },
  rebuild: { sign: "±", format: "red" },
  drop: { sign: "-", format: "red" },
};

/** How many differences of a state are shown. */
const shownDifferences = 20;

/** What setup or drop will do to a flow's backends, as lines. */
export function renderSetup({ flow, actions }: SetupDescription, style: Style): string[] {
  const heads = formatTable(
    actions.map((action) => [
      `${signs[action.verb].sign} ${action.verb}`,
      action.export,
      printableLine(action.description),
      noteOn(action),
    ]),
  );
  const lines = actions.flatMap((action, index) => [
    `  ${style(signs[action.verb].format, heads[index]!)}`,
    ...differences(action, style).map((line) => `      ${line}`),
  ]);
  return [style("bold", `flow ${flow}`), ...lines];
}

function noteOn(action: SetupActionDescription): string {
  if (action.connectorMissing)
    return `(cannot be done: target kind ${action.targetKind} is not defined any more)`;
  if (action.byUser) return "(done by you: Sluice only records it)";
  switch (action.verb) {
    case "create":
      return "";
    case "alter":
      return "(its data stays)";
    case "rewrite":
      return "(its rows are written again)";
    case "rebuild":
      return "(its data is lost, and made anew by the next update)";
    case "drop":
      return action.destroys ? "(its data is lost)" : "(nothing of it is left)";
  }
}

function differences({ previous, wanted, verb }: SetupActionDescription, style: Style): string[] {
  if (verb === "create" || verb === "drop") return [];
  if (previous.length > 1) return [style("dim", "an interrupted setup left it in one of several states")];
  const changes = jsonDiff(previous[0], wanted);
  if (changes.length === 0) return [style("dim", "a setup of it was interrupted")];
  const lines = changes.slice(0, shownDifferences).map((change) => renderChange(change, style));
  const more = changes.length - lines.length;
  return more > 0 ? [...lines, style("dim", `and ${more} more`)] : lines;
}

function renderChange({ path, before, after }: JsonChange, style: Style): string {
  const place = path === "" ? "" : `${path}: `;
  if (before === undefined) return style("green", `+ ${place}${text(after)}`);
  if (after === undefined) return style("red", `- ${place}${text(before)}`);
  return `  ${place}${style("red", text(before))} → ${style("green", text(after))}`;
}

function text(value: Json | undefined): string {
  const whole = printableLine(JSON.stringify(value) ?? "nothing");
  return whole.length > 120 ? `${whole.slice(0, 119)}…` : whole;
}
