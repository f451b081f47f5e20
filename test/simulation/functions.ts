/** A function of simulated flows: what `world/` defines with `defineFunction`, and `model/` computes by itself. */
export interface FunctionShape {
  readonly inputs: readonly { readonly name: string; readonly nullable: boolean }[];
  readonly output: "text" | "nullable text" | "pieces";
  readonly cached: boolean;
  /** Takes so many inputs a call; null: one. */
  readonly batch: number | null;
  /** Answers by promise. */
  readonly slow: boolean;
}

/** What a function yields. */
export type Computed = string | null | readonly { readonly piece: string }[];

const text = { name: "text", nullable: false };

const textFunction = { inputs: [text], output: "text", cached: false, batch: null, slow: false } as const;

export const functions = {
  plain: textFunction,
  async: { ...textFunction, slow: true },
  cached: { ...textFunction, cached: true },
  later: { ...textFunction, cached: true, slow: true },
  batched: { ...textFunction, cached: true, batch: 3 },
  loose: { ...textFunction, batch: 2 },
  maybe: { ...textFunction, output: "nullable text", cached: true },
  opened: { ...textFunction, inputs: [{ name: "text", nullable: true }], cached: true, slow: true },
  pair: { ...textFunction, inputs: [text, { name: "other", nullable: false }], cached: true },
  split: { ...textFunction, output: "pieces", cached: true, slow: true },
  cut: { ...textFunction, output: "pieces" },
} as const satisfies Readonly<Record<string, FunctionShape>>;

export type FunctionName = keyof typeof functions;

export function functionOf(name: string): FunctionShape {
  return functions[name as FunctionName];
}

/** What functions fail for. */
export class BadInput extends Error {}

/**
 * What a version of a function yields. Every second version yields what the one before it does.
 *
 * @throws BadInput where an argument has the word `bad` in it
 */
export function compute(name: string, version: number, args: readonly (string | null)[]): Computed {
  const behaviour = version >> 1;
  const mark = behaviour === 0 ? "" : String(behaviour);
  const given = args.map((arg) => arg ?? "nothing").join("+");
  if (given.includes("bad")) throw new BadInput(`${name} cannot stand ${given}`);
  switch (functionOf(name).output) {
    case "text":
      return `${name.slice(0, 2)}${mark}(${given})`;
    case "nullable text":
      return (given.length + behaviour) % 2 === 0 ? null : `${name.slice(0, 2)}${mark}(${given})`;
    case "pieces":
      return given
        .split(/[ |]/)
        .filter((piece) => piece !== "")
        .map((piece) => ({ piece: `${piece}${mark}` }));
  }
}
