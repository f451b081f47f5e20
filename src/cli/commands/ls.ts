import type { Flow } from "../../app/flow.ts";
import { settingsFor } from "../../app/settings.ts";
import { type StoredFlow, storedFlows } from "../../app/stored-flows.ts";
import { isSluiceError } from "../../errors/index.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { displayPath } from "../display-path.ts";
import { counted } from "../format-number.ts";
import { formatTable } from "../format-table.ts";
import { loadEnvironment } from "../load-environment.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import type { Format, Style } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { toJson } from "../to-json.ts";

export interface LsCommandOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** Lists the flows of a file, or of the store. */
export function lsCommand(target: string | undefined, options: LsCommandOptions): Command {
  return ({ terminal }) =>
    target === undefined ? listStore(terminal, options) : listFile(target, terminal, options);
}

async function listFile(target: string, terminal: Terminal, options: LsCommandOptions): Promise<number> {
  const opened = await openFlows(target, options);
  const flows: { name: string; status: string }[] = [];
  for (const flow of chosenFlows(opened)) flows.push({ name: flow.name, status: await statusOf(flow) });
  if (options.json) terminal.print(toJson({ file: opened.file, flows }));
  else {
    const rows = flows.map(({ name, status }) => [name, colour(status, terminal.outStyle)]);
    for (const line of formatTable(rows)) terminal.print(line);
  }
  return 0;
}

async function statusOf(flow: Flow): Promise<string> {
  try {
    return await flow.setupStatus();
  } catch (error) {
    if (isSluiceError(error) && error.code === "setup-conflict") return `conflict: ${error.message}`;
    throw error;
  }
}

function colour(status: string, style: Style): string {
  const formats: Readonly<Record<string, Format>> = {
    ready: "green",
    "needs setup": "yellow",
    "not set up": "dim",
  };
  return style(formats[status] ?? "red", status);
}

async function listStore(terminal: Terminal, options: LsCommandOptions): Promise<number> {
  const settings = settingsFor(loadEnvironment(options, null));
  const flows = await storedFlows(settings);
  if (options.json) {
    terminal.print(toJson({ store: flows === null ? null : settings.storeDirectory, flows: flows ?? [] }));
    return 0;
  }
  const store = displayPath(settings.storeDirectory);
  if (flows === null) terminal.print(`there is no store at ${store}`);
  else if (flows.length === 0) terminal.print(`the store at ${store} has no flow`);
  else for (const line of formatTable(flows.map(storedRow))) terminal.print(line);
  return 0;
}

function storedRow({ name, namespace, sources, targets, holder }: StoredFlow): string[] {
  const shown = namespace === null ? name : `${namespace}/${name}`;
  const state = holder ? [`${holder.purpose} by process ${holder.pid}`] : [];
  return [shown, counted(sources, "source"), counted(targets, "target"), ...state];
}
