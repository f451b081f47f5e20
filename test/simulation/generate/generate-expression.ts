import type { Expression } from "../flow-shape.ts";
import type { Draw } from "./draw.ts";

/** The scope that an expression stands in, from the outside in. */
export type ScopeName = "row" | "parts" | "marks" | "piece";

const fields: Readonly<Record<ScopeName, readonly string[]>> = {
  row: ["name", "text", "share", "edition"],
  parts: ["word"],
  marks: ["mark"],
  piece: ["piece"],
};

const textFunctions = ["plain", "async", "cached", "later", "batched", "loose"] as const;

/** A text that is never null. */
export function textExpression(draw: Draw, scopes: readonly ScopeName[], depth = 2): Expression {
  const scope = draw.chance(0.7) ? scopes.at(-1)! : draw.pick(scopes);
  const field = { field: draw.pick(fields[scope]) };
  if (depth === 0 || draw.chance(0.4)) return field;
  const inner = draw.chance(0.3) ? textExpression(draw, scopes, depth - 1) : field;
  if (draw.chance(0.15)) return { call: "opened", with: [{ field: "note" }] };
  if (draw.chance(0.25)) return { call: "pair", with: [inner, otherArgument(draw, scopes)] };
  return { call: draw.pick(textFunctions), with: [inner] };
}

function otherArgument(draw: Draw, scopes: readonly ScopeName[]): Expression {
  return draw.chance(0.4) ? { constant: draw.pick(["x", "y"]) } : textExpression(draw, scopes, 0);
}

/** A text that may be null. */
export function nullableExpression(draw: Draw, scopes: readonly ScopeName[]): Expression {
  const note = { field: "note" };
  return draw.pick<Expression>([
    note,
    { call: draw.pick(textFunctions), with: [note] },
    { call: "maybe", with: [textExpression(draw, scopes, 1)] },
    { call: "pair", with: [textExpression(draw, scopes, 0), note] },
  ]);
}

/** A key that only entries of its row have. */
export function ownKey(draw: Draw, scopes: readonly ScopeName[]): Expression {
  const name = { field: "name" };
  if (scopes.length === 1) return draw.chance(0.7) ? name : { call: draw.pick(textFunctions), with: [name] };
  return { call: "pair", with: [{ field: draw.pick(fields[scopes.at(-1)!]) }, name] };
}

/** A key that many rows may have. */
export function sharedKey(draw: Draw, scopes: readonly ScopeName[]): Expression {
  const field =
    scopes.length === 1 ? draw.pick(["share", "text", "name"]) : draw.pick(fields[scopes.at(-1)!]);
  return draw.chance(0.7) ? { field } : { call: draw.pick(textFunctions), with: [{ field }] };
}
