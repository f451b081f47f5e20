/** What the AI SDK looks at before it prints a warning. */
interface Printing {
  AI_SDK_LOG_WARNINGS?: unknown;
}

let callsUnderWay = 0;

/**
 * Makes a call of the AI SDK, which prints warnings to the console unless it is told not to. A library prints nothing:
 * the warnings are in its results, and become notices. What the user has settled stays.
 */
export async function withoutPrinting<T>(call: () => Promise<T>): Promise<T> {
  const printing = globalThis as Printing;
  if (callsUnderWay === 0 && printing.AI_SDK_LOG_WARNINGS !== undefined) return call();
  callsUnderWay++;
  printing.AI_SDK_LOG_WARNINGS = false;
  try {
    return await call();
  } finally {
    callsUnderWay--;
    if (callsUnderWay === 0) delete printing.AI_SDK_LOG_WARNINGS;
  }
}
