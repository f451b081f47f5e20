import type { Json } from "../app/describe-setup.ts";

/** A place in a JSON document where two versions differ; undefined where one has nothing there. */
export interface JsonChange {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Where two documents differ, leaf by leaf. Elements of lists go by their `name` where all have one of their own. */
export function jsonDiff(before: Json | undefined, after: Json | undefined, path = ""): JsonChange[] {
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left === null || right === null || left.isList !== right.isList) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  }
  const names = new Set([...left.members.keys(), ...right.members.keys()]);
  return [...names].flatMap((name) =>
    jsonDiff(left.members.get(name), right.members.get(name), path === "" ? name : `${path}.${name}`),
  );
}

interface Members {
  readonly isList: boolean;
  readonly members: ReadonlyMap<string, Json>;
}

function membersOf(value: Json | undefined): Members | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return { isList: false, members: new Map(Object.entries(value)) };
  const elements = value as readonly Json[];
  return {
    isList: true,
    members: new Map(namedElements(elements) ?? elements.map((element, index) => [String(index), element])),
  };
}

function namedElements(elements: readonly Json[]): [string, Json][] | null {
  const named = elements.map((element): [unknown, Json] => [nameOf(element), element]);
  const names = new Set(named.map(([name]) => name));
  const unique = names.size === elements.length && named.every(([name]) => typeof name === "string");
  return unique ? (named as [string, Json][]) : null;
}

function nameOf(element: Json): unknown {
  if (typeof element !== "object" || element === null || Array.isArray(element)) return undefined;
  return (element as { readonly [name: string]: Json }).name;
}
