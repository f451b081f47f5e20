/** Whether `asUnprivileged` can do its work here: not on Windows, nor in a worker thread of root. */
export const canBeUnprivileged: boolean = (() => {
  try {
    return asUnprivileged(() => true);
  } catch {
    return false;
  }
})();

/** Runs as a user whom permissions bind, which they do not for root. */
export function asUnprivileged<T>(run: () => T): T {
  if (process.getuid === undefined) throw new Error("no users here");
  if (process.getuid() !== 0) return run();
  process.seteuid!(65_534);
  try {
    return run();
  } finally {
    process.seteuid!(0);
  }
}

/** The same for work that takes its time; nothing else may go on in the process meanwhile. */
export async function whileUnprivileged<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid === undefined) throw new Error("no users here");
  if (process.getuid() !== 0) return run();
  process.seteuid!(65_534);
  try {
    return await run();
  } finally {
    process.seteuid!(0);
  }
}
