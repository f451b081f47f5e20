import { z } from "zod";
import { defineFunction, type FunctionContext } from "../../src/index.ts";
import { hastyClock } from "./hasty-clock.ts";
import type { TextFunction } from "./use-world.ts";

/** A function of a text whose code never counts as changed. */
export function textFunction(
  name: string,
  run: (text: string, context: FunctionContext) => string | Promise<string>,
  options: { readonly cache?: boolean; readonly concurrency?: number } = {},
): TextFunction {
  return defineFunction({
    name,
    version: 1,
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }, context) => run(text, context),
    ...options,
  });
}

/** Counts how many are at something at once. */
export class Crowd {
  now = 0;
  most = 0;

  /** Takes a turn of the event loop; one may count for several. */
  async takeTurn(weight = 1): Promise<void> {
    this.now += weight;
    this.most = Math.max(this.most, this.now);
    await hastyClock.idle();
    this.now -= weight;
  }
}

/** A function that yields its text after a turn in which its calls are counted. */
export function slowFunction(crowd: Crowd, options: { readonly concurrency?: number } = {}): TextFunction {
  const run = async (text: string) => {
    await crowd.takeTurn();
    return text;
  };
  return textFunction("slow", run, options);
}
