import { SluiceError } from "../errors/index.ts";
import type { Flow } from "./flow.ts";
import { settingsFor } from "./settings.ts";

/**
 * The app namespace that is set: by `configure`, `SLUICE_APP_NAMESPACE` or the `.env` of the working directory. Empty
 * where there is none.
 *
 * @throws SluiceError `settings-invalid`
 */
export function getAppNamespace(): string {
  return settingsFor(process.cwd()).appNamespace;
}

/**
 * What a target calls the backend of an export that its spec gives no name, such as a table of a database:
 * `flow__target`, after the app namespace and `__` where there is one. For queries of one's own.
 *
 * @throws SluiceError `settings-invalid`, and `option-invalid` where the flow has no such export
 */
export function getTargetDefaultName(flow: Flow, target: string): string {
  const planned = flow.plan.exports.find(({ name }) => name === target);
  if (planned) return planned.names.defaultName;
  throw new SluiceError("option-invalid", `flow ${flow.name} has no export ${target}`, {
    where: { flow: flow.name },
    hint: `It has ${flow.plan.exports.map(({ name }) => name).join(", ") || "none"}.`,
  });
}
