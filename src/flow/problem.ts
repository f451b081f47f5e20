declare const definitionProblem: unique symbol;

/**
 * What the compiler shows where a definition cannot work: no value has this type, so the compiler's message
 * ends with its words, followed by the types that they are about.
 *
 * @example
 * // Property '[definitionProblem]' is missing in type 'FunctionUse<…>' but required in type
 * // 'Problem<["several inputs are open: name all but one of them", "text" | "chunkSize"]>'.
 * doc.content.transform(split);
 */
export interface Problem<Words extends string | readonly [words: string, about: unknown]> {
  readonly [definitionProblem]: Words;
}

/** What a body that must run at once returns: anything but a promise. */
export type Synchronous<Result> = [Result] extends [PromiseLike<unknown>]
  ? Problem<"this runs when the flow is defined and cannot be async: compute in functions, with transform">
  : unknown;
