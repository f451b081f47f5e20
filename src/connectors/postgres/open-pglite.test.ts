import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "./directory-lock.ts";
import { openPglite } from "./pglite.ts";

let appDirectory: string;
beforeEach(() => {
  appDirectory = mkdtempSync(join(tmpdir(), "sluice-pglite-"));
});
afterEach(() => rmSync(appDirectory, { recursive: true, force: true }));

const timeoutMs = 120_000;

test(
  "a directory is taken by one process at a time, and after a dead one with what it had written",
  async () => {
    const directory = join(appDirectory, "db");
    const child: ChildProcess = fork("test/support/hold-pglite.ts", [directory], {
      execArgv: ["--import", "tsx"],
    });
    try {
      const [message] = await once(child, "message");
      expect(message).toBe("open");
      await expect(openPglite({ directory })).rejects.toMatchObject({
        code: "target-unavailable",
        message: expect.stringContaining(`process ${child.pid} on`),
      });
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    const { client, close } = await openPglite({ directory });
    expect((await client.query("SELECT what FROM kept")).rows).toEqual([{ what: "kept" }]);
    await close();
    expect(existsSync(`${directory}.lock`)).toBe(false);
  },
  timeoutMs,
);

test("a lock is given back once, and one that nobody can read holds nobody up", () => {
  const directory = join(appDirectory, "db");
  const lock = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrowError(`process ${process.pid} on`);
  lock.release();
  writeFileSync(`${directory}.lock`, "{");
  const next = lockDirectory(directory);
  lock.release();
  expect(existsSync(`${directory}.lock`)).toBe(true);
  next.release();
  expect(existsSync(`${directory}.lock`)).toBe(false);
});

test(
  "all who open a directory in one process share it, and the last to close it closes it",
  async () => {
    const [one, other] = await Promise.all([
      openPglite({ directory: "db", appDirectory }),
      openPglite({ directory: join(appDirectory, "db") }),
    ]);
    expect(one.client === other.client).toBe(true);
    await one.close();
    await one.close();
    expect((await other.client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await other.close();
    const again = await openPglite({ directory: "db", appDirectory });
    expect(again.client === one.client).toBe(false);
    const closing = again.close();
    const joined = await openPglite({ directory: "db", appDirectory });
    await closing;
    expect((await joined.client.query("SELECT 2 AS two")).rows).toEqual([{ two: 2 }]);
    await joined.close();
  },
  timeoutMs,
);

test(
  "a directory that is no database is said to be none",
  async () => {
    writeFileSync(join(appDirectory, "file"), "");
    await expect(openPglite({ directory: "file", appDirectory })).rejects.toMatchObject({
      code: "target-unavailable",
    });
  },
  timeoutMs,
);
