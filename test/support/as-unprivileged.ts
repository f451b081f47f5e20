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
