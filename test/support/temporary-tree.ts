import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export interface TemporaryTree {
  /** The directory, without links. */
  readonly path: string;
  at(path: string): string;
  write(path: string, content?: string | Uint8Array): void;
}

/** A directory that goes away with the test, with these files in it. */
export function makeTemporaryTree(files: Readonly<Record<string, string | Uint8Array>> = {}): TemporaryTree {
  const path = realpathSync.native(mkdtempSync(join(tmpdir(), "sluice-test-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const tree: TemporaryTree = {
    path,
    at: (file) => `${path}/${file}`,
    write(file, content = "") {
      mkdirSync(dirname(`${path}/${file}`), { recursive: true });
      writeFileSync(`${path}/${file}`, content);
    },
  };
  for (const [file, content] of Object.entries(files)) tree.write(file, content);
  return tree;
}
