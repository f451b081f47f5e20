import { flowNamed } from "../app/choose-flows.ts";
import type { Flow } from "../app/flow.ts";
import { SluiceError } from "../errors/index.ts";
import { displayPath } from "./display-path.ts";
import { findFlowFile, isThere } from "./find-flow-file.ts";
import { parseFlowTarget } from "./flow-target.ts";
import { type EnvironmentOptions, loadEnvironment } from "./load-environment.ts";
import { loadFlowFile } from "./load-flow-file.ts";

export interface OpenedFlows {
  /** The file, as it is shown. */
  readonly file: string;
  readonly flows: readonly Flow[];
  /** The one flow that was named; null where the file alone was given. */
  readonly named: Flow | null;
}

/** Loads the file of a target and finds the flow that it names. */
export async function openFlows(target: string, options: EnvironmentOptions): Promise<OpenedFlows> {
  const { file, flow } = parseFlowTarget(target, isThere);
  const path = findFlowFile(file);
  loadEnvironment(options, path);
  const flows = await loadFlowFile(path);
  const shown = displayPath(path);
  return { file: shown, flows, named: flow === null ? null : flowNamed(flow, flows, shown) };
}

/** The flows that a verb works on: the one that was named, else all. */
export function chosenFlows({ named, flows }: OpenedFlows): readonly Flow[] {
  return named ? [named] : flows;
}

/** The flow of a verb that works on one. */
export function onlyFlow({ named, flows, file }: OpenedFlows): Flow {
  const [first] = flows;
  if (named) return named;
  if (flows.length === 1 && first) return first;
  const names = flows.map(({ name }) => name);
  throw new SluiceError("usage", `${file} defines several flows: ${names.join(", ")}`, {
    hint: `Name one, such as ${file}:${names[0]}.`,
  });
}
