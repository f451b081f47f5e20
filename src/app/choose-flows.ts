import { SluiceError } from "../errors/index.ts";
import { nameHint } from "../flow/index.ts";
import type { Flow } from "./flow.ts";

/**
 * The flow of this name among those of a file.
 *
 * @throws SluiceError `flow-missing`, listing the names that there are
 */
export function flowNamed(name: string, flows: readonly Flow[], file: string): Flow {
  const found = flows.find((flow) => flow.name === name);
  if (found) return found;
  const names = flows.map((flow) => flow.name);
  throw new SluiceError("flow-missing", `${file} defines no flow ${name}`, {
    hint: nameHint(name, names, "It defines"),
  });
}
