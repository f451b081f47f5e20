import { z } from "zod";
import type { AnyFunctionUse } from "../../../src/contracts/function.ts";
import { defineFunction } from "../../../src/index.ts";
import { type Computed, compute, functionOf } from "../functions.ts";
import type { Ports } from "./ports.ts";

const text = z.string();
const nullableText = z.string().nullable();
const outputs = {
  text,
  "nullable text": nullableText,
  pieces: z.array(z.object({ piece: z.string() })),
} as const;

/** The schema of what a function yields: the model takes its type. */
export function outputSchemaOf(name: string): z.ZodType {
  return outputs[functionOf(name).output];
}

type Arguments = Readonly<Record<string, string | null>>;

/** A function of the pool in one of its versions. Its code is the version's, so that no source need be looked up. */
export function simulatedFunction(name: string, version: number, ports: Ports): AnyFunctionUse {
  const shape = functionOf(name);
  const answer = (given: readonly Arguments[]) => given.map((input) => callOf(input, ports));
  const callOf = (input: Arguments, { work }: Ports): Computed => {
    const args = shape.inputs.map((one) => input[one.name] ?? null);
    const result = compute(name, version, args);
    work.calls.push({ name, version, args, result });
    return result;
  };
  const head = {
    name,
    version,
    cache: shape.cached,
    input: Object.fromEntries(shape.inputs.map((one) => [one.name, one.nullable ? nullableText : text])),
    output: outputSchemaOf(name),
  };
  const passed = <T>(compute: () => T) => {
    const result = ports.pass("call", compute);
    return shape.slow ? Promise.resolve().then(() => result) : result;
  };
  if (shape.batch === null)
    return defineFunction({ ...head, run: (input) => passed(() => callOf(input as Arguments, ports)) });
  return defineFunction({
    ...head,
    batching: { maxBatchSize: shape.batch },
    runBatch: (inputs) => passed(() => answer(inputs as readonly Arguments[])),
  });
}
