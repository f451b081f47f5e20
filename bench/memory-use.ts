import { readFileSync } from "node:fs";

/** What a process holds, in bytes. */
export interface MemoryUse {
  readonly heapUsed: number;
  /** Of the process and of no file, as the kernel counts it; null where it does not. */
  readonly rssAnon: number | null;
}

/** What this process holds once all that can be collected is; needs `--expose-gc`. */
export async function memoryUse(): Promise<MemoryUse> {
  // What finalizers let go of is collected by the next one.
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { heapUsed: process.memoryUsage().heapUsed, rssAnon: readRssAnon() };
}

function readRssAnon(): number | null {
  try {
    const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return found && Number(found[1]) * 1_024;
  } catch {
    return null;
  }
}
