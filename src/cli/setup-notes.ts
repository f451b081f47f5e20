import type {
  SetupActionDescription,
  SourceActionDescription,
  SourceChangeDescription,
} from "../app/describe-setup.ts";
import { counted } from "./format-number.ts";
import type { Format, Style } from "./style.ts";

/** What an action means for the rows, in words; null where there is nothing to say. */
export function noteOnAction(action: SetupActionDescription): string | null {
  const { targetKind, rows, byUser, connectorMissing } = action;
  if (action.verb === "forget")
    return `${its(rows)} left behind: target kind ${targetKind} is not defined any more`;
  if (connectorMissing) return `cannot be done: target kind ${targetKind} is not defined any more`;
  if (byUser) return noteOnUsers(action);
  switch (action.verb) {
    case "create":
      return action.sourceRows ? `filled from ${counted(action.sourceRows, "source row")}` : null;
    case "adopt":
      return noteOnAdoption(action);
    case "alter":
      return rows ? `its data stays; ${its(rows)} written again` : "its data stays";
    case "rewrite":
      return rows === 0 ? "it has no rows" : `${its(rows)} written again`;
    case "rebuild":
      return rows === 0 ? "made anew; it has no rows" : `${its(rows)} lost, and made anew by the next update`;
    case "drop":
      if (!action.destroys) return "nothing of it is left";
      return rows === 0 ? "it has no rows" : `${its(rows)} lost`;
    case "manage":
      return "until now yours; Sluice alters and drops it from now on";
    case "release":
      return null;
  }
}

/** What there is to say of an action on what a source needs, behind it. */
export function noteOnSourceAction({ verb, sourceKind, connectorMissing }: SourceActionDescription): string {
  const undefinedKind = `source kind ${sourceKind} is not defined any more`;
  if (verb === "forget") return `  (left behind: ${undefinedKind})`;
  return connectorMissing ? `  (cannot be done: ${undefinedKind})` : "";
}

function noteOnUsers(action: SetupActionDescription): string {
  const { verb, rows } = action;
  if (verb === "release") return "yours to alter and drop from now on; its rows stay";
  if (verb === "adopt") return `set up by you; ${rowsThere(action)}`;
  const rewritten = rows && verb !== "rebuild" && verb !== "drop" ? `; ${its(rows)} written again` : "";
  return `done by you: Sluice only records it${rewritten}`;
}

function noteOnAdoption(action: SetupActionDescription): string {
  const unseen = action.mayBeAbsent ? "taken to be there as it should be; " : "";
  return `${unseen}${rowsThere(action)}`;
}

/** What no source yields goes when a first update was complete; where nobody can read, nobody can know of it. */
function rowsThere({ rows, removesLeftovers }: SetupActionDescription): string {
  if (!removesLeftovers) return "rows of it that no source yields stay";
  if (rows === 0) return "it has no rows";
  const when = "with the next complete update";
  if (rows === 1) return `its row goes ${when}, unless a source yields it`;
  const whose = rows === null ? "rows of it" : `of its ${counted(rows, "row")} those`;
  return `${whose} that no source yields go ${when}`;
}

function its(rows: number | null): string {
  if (rows === null) return "its data is";
  return rows === 1 ? "its row is" : `its ${counted(rows, "row")} are`;
}

/** A change of sources as a line. */
export function renderSourceChange(change: SourceChangeDescription, style: Style): string {
  const { sign, format } = sourceSigns[change.change];
  return style(format, `${sign} source ${change.name}${noteOnSource(change)}`);
}

const sourceSigns: Readonly<
  Record<SourceChangeDescription["change"], { readonly sign: string; readonly format: Format }>
> = {
  added: { sign: "+", format: "green" },
  renamed: { sign: "~", format: "yellow" },
  removed: { sign: "-", format: "red" },
};

function noteOnSource({ change, formerName, rows }: SourceChangeDescription): string {
  if (change === "added") return "";
  if (change === "renamed") return `, until now ${formerName}  (${its(rows)} kept)`;
  if (rows === 0) return "  (it has no rows)";
  const whose = rows === null ? "its rows yielded" : `its ${counted(rows, "row")} yielded`;
  return `  (the next update takes away what ${whose})`;
}

/** A source that was renamed by mistake looks like one that left and another that came. */
export function hintOnSources(changes: readonly SourceChangeDescription[]): string[] {
  const added = changes.find(({ change }) => change === "added");
  const removed = changes.find(({ change, rows }) => change === "removed" && rows !== 0);
  if (!added || !removed) return [];
  return [
    `if ${removed.name} was renamed: { renamedFrom: "${removed.name}" } on ${added.name} keeps its rows`,
  ];
}
