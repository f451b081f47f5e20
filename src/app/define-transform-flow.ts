import { captureCallSite } from "../contracts/call-site.ts";
import type { Inputs } from "../contracts/function.ts";
import {
  buildTransform,
  type InputSlices,
  type Slice,
  type Synchronous,
  type ValueOf,
} from "../flow/index.ts";
import { TransformFlow } from "./transform-flow.ts";

/**
 * Defines a transform flow: calls of functions that make one value of its inputs. A flow takes it in with
 * `slice.transform(it)`, as if the calls had been written there: moving code into one computes nothing again. A query
 * makes the very same value with `it.eval(input)`. Runs the body once, on slices that stand for the inputs.
 *
 * Schemas of inputs say types and defaults; what values must be beyond that is for the functions to check.
 *
 * @example
 * const textToEmbedding = defineTransformFlow("textToEmbedding", { input: { text: z.string() } }, ({ text }) =>
 *   text.transform(embed),
 * );
 * // in a flow:     chunk.text.transform(textToEmbedding)
 * // in a query:    await textToEmbedding.eval("how are rows deleted?")
 *
 * @throws SluiceError with a code of a definition, naming transform flow and step
 */
export function defineTransformFlow<I extends Inputs, S extends Slice<unknown>>(
  name: string,
  options: { readonly input: I },
  body: (inputs: InputSlices<I>) => S & Synchronous<S>,
): TransformFlow<I, ValueOf<S>> {
  const callSite = captureCallSite(defineTransformFlow);
  const inputs: unknown = (options as { readonly input?: unknown } | undefined)?.input;
  return new TransformFlow(buildTransform({ name, inputs, body, callSite }));
}
