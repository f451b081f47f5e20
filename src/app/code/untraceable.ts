import { SluiceError } from "../../errors/index.ts";

/** Why code cannot be followed; becomes an error once it is known whose code it is. */
export class Untraceable extends Error {
  /** What to do beside giving the function a version. */
  readonly advice: string | undefined;
  constructor(message: string, options: { advice?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.advice = options.advice;
  }
}

/** Runs `find`, and names the function in whatever stops it. */
export function nameUntraceable<T>(functionName: string, find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof Untraceable)) throw error;
    throw new SluiceError(
      "function-source-missing",
      `the code of function ${functionName} cannot be followed: ${error.message}`,
      {
        hint: `Give function ${functionName} a version${error.advice ? `, or ${error.advice}` : ""}.`,
        where: { step: functionName },
        ...(error.cause === undefined ? {} : { cause: error.cause }),
      },
    );
  }
}
