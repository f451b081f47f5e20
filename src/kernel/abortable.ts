import { onAbort } from "./on-abort.ts";

/** The promise, given up when the signal aborts: it then rejects with the signal's reason, whatever becomes of the work. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let forget = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    forget = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}
