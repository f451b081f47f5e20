import type { SourceSetupDefinition } from "./source-setup.ts";
import type { TargetDefinition } from "./target.ts";

interface Registry {
  readonly targets: Map<string, TargetDefinition>;
  readonly sourceSetups: Map<string, SourceSetupDefinition>;
}

const place = Symbol.for("sluice.connectors");

/** Shared by every copy of the package in a process, since a flow file and its runner may each load one. */
function registry(): Registry {
  const holder = globalThis as { [place]?: Registry };
  holder[place] ??= { targets: new Map(), sourceSetups: new Map() };
  return holder[place];
}

/** Remembers a kind of target, so that setup can drop what no flow uses any more. The latest definition of a kind counts. */
export function registerTarget(definition: TargetDefinition): void {
  registry().targets.set(definition.kind, definition);
}

/** The target of this kind that was defined last in this process; null when none was. */
export function registeredTarget(kind: string): TargetDefinition | null {
  return registry().targets.get(kind) ?? null;
}

/** Remembers what sources of a kind need, so that setup can remove it when no flow uses it any more. The latest counts. */
export function registerSourceSetup(definition: SourceSetupDefinition): void {
  registry().sourceSetups.set(definition.sourceKind, definition);
}

/** What sources of this kind need, as it was defined last in this process; null when it was not. */
export function registeredSourceSetup(sourceKind: string): SourceSetupDefinition | null {
  return registry().sourceSetups.get(sourceKind) ?? null;
}
