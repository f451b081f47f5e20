import type { BigIntStats } from "node:fs";

/**
 * What counts as a change of a file: `"strict"` is size, modification time, change time and inode;
 * `"sizeMtime"` is for mounts whose inodes or change times are unstable; `"content"` reads every file every time.
 */
export type ChangeDetection = "strict" | "sizeMtime" | "content";

const numbers = new BigUint64Array(4);
const bytes = new Uint8Array(numbers.buffer);

/**
 * The state of a file as a token, for equality only: 32 bytes when strict, else 16. The device number is left
 * out: it changes with a reboot or a remount, and the change time already tells files of two devices apart.
 */
export function fileVersion(stats: BigIntStats, changeDetection: ChangeDetection): Uint8Array {
  numbers[0] = stats.size;
  numbers[1] = stats.mtimeNs;
  if (changeDetection !== "strict") return bytes.slice(0, 16);
  numbers[2] = stats.ctimeNs;
  numbers[3] = stats.ino;
  return bytes.slice();
}
