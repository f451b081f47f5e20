import type {
  Json,
  SetupActionDescription,
  SetupDescription,
  SetupVerb,
  SourceActionDescription,
} from "../app/describe-setup.ts";
import { formatTable } from "./format-table.ts";
import { type JsonChange, jsonDiff } from "./json-diff.ts";
import { printableLine } from "./printable.ts";
import { hintOnSources, noteOnAction, noteOnSourceAction, renderSourceChange } from "./setup-notes.ts";
import type { Format, Style } from "./style.ts";
import { textWidth } from "./text-width.ts";

const signs: Readonly<Record<SetupVerb, { readonly sign: string; readonly format: Format }>> = {
  create: { sign: "+", format: "green" },
  adopt: { sign: "+", format: "green" },
  alter: { sign: "~", format: "yellow" },
  rewrite: { sign: "~", format: "yellow" },
  rebuild: { sign: "±", format: "red" },
  release: { sign: "~", format: "yellow" },
  manage: { sign: "~", format: "yellow" },
  drop: { sign: "-", format: "red" },
  forget: { sign: "-", format: "red" },
};

/** How many differences of a state are shown. */
const shownDifferences = 20;

export interface RenderSetupOptions {
  readonly style: Style;
  /** How wide a line may be; null for any width. */
  readonly columns: number | null;
}

/** What setup or drop will do to a flow's backends and sources, as lines. */
export function renderSetup(description: SetupDescription, { style, columns }: RenderSetupOptions): string[] {
  const { flow, actions, sourceActions, sources } = description;
  const sourceHints = hintOnSources(sources).map((hint) => `  ${style("dim", hint)}`);
  return [
    style("bold", `flow ${flow}`),
    ...renderActions(actions, { style, columns }),
    ...renderSourceActions(sourceActions, style),
    ...sources.map((change) => `  ${renderSourceChange(change, style)}`),
    ...sourceHints,
  ];
}

function renderSourceActions(actions: readonly SourceActionDescription[], style: Style): string[] {
  const lines = formatTable(
    actions.map((action) => [
      `${signs[action.verb].sign} ${action.verb}`,
      `source ${action.source}`,
      `${printableLine(action.description)}${noteOnSourceAction(action)}`,
    ]),
  );
  return actions.map(({ verb }, index) => `  ${style(signs[verb].format, lines[index]!)}`);
}

function renderActions(
  actions: readonly SetupActionDescription[],
  { style, columns }: RenderSetupOptions,
): string[] {
  const cells = actions.map((action) => [
    `${signs[action.verb].sign} ${action.verb}`,
    action.export,
    printableLine(action.description),
  ]);
  const notes = actions.map((action) => noteOnAction(action));
  const wholes = formatTable(
    cells.map((row, index) => [...row, notes[index] === null ? "" : `(${notes[index]})`]),
  );
  const fits = columns === null || wholes.every((line) => textWidth(line) + 2 <= columns);
  const heads = fits ? wholes : formatTable(cells);
  return actions.flatMap((action, index) => {
    const note = fits || notes[index] === null ? [] : [notes[index]!];
    return [
      `  ${style(signs[action.verb].format, heads[index]!)}`,
      ...[...note, ...differences(action, style)].map((line) => `      ${line}`),
    ];
  });
}

function differences({ previous, wanted, verb }: SetupActionDescription, style: Style): string[] {
  if (!changing.has(verb)) return [];
  if (previous.length > 1) return [style("dim", "an interrupted setup left it in one of several states")];
  const changes = jsonDiff(previous[0], wanted);
  if (changes.length === 0) return verb === "adopt" ? [] : [style("dim", "a setup of it was interrupted")];
  const lines = changes.slice(0, shownDifferences).map((change) => renderChange(change, style));
  const more = changes.length - lines.length;
  return more > 0 ? [...lines, style("dim", `and ${more} more`)] : lines;
}

const changing: ReadonlySet<SetupVerb> = new Set(["adopt", "alter", "rewrite", "rebuild"]);

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
