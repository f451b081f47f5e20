import { setImmediate } from "node:timers/promises";

/** So many files are in work at once: most of the time each waits for the disk. */
const filesAtOnce = 16;
/** What does not wait lets others have their turn after so long. */
const turnMs = 20;

/**
 * Does something with each of some files, several at once. After the first failure none is begun; all that had begun
 * have ended when it throws.
 */
export async function forEachFile<T>(files: readonly T[], work: (file: T) => Promise<void>): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  let turnEnds = performance.now() + turnMs;
  const takeTurns = async () => {
    while (failures.length === 0 && next < files.length) {
      const file = files[next++]!;
      await work(file).catch((error: unknown) => failures.push(error));
      if (performance.now() < turnEnds) continue;
      await setImmediate();
      turnEnds = performance.now() + turnMs;
    }
  };
  await Promise.all(Array.from({ length: Math.min(filesAtOnce, files.length) }, takeTurns));
  if (failures.length > 0) throw failures[0];
}
