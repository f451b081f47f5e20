import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** In a directory that is gone afterwards, after Ctrl-C too. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const stop = () => {
    remove();
    process.exit(130);
  };
  process.once("SIGINT", stop);
  try {
    return await work(directory);
  } finally {
    process.off("SIGINT", stop);
    remove();
  }
}
