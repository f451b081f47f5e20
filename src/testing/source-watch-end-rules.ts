import { systemClock } from "../kernel/clock.ts";
import { broken } from "./conformance-suite.ts";
import type { SourceRules } from "./source-bench.ts";

/** How watchers end, and how many there can be. */
export const sourceWatchEndRules: SourceRules = {
  async "an aborted watcher ends"(bench) {
    const rows = bench.samples.rows(2);
    const watcher = await bench.watch(await bench.open());
    await bench.write(...rows);
    await watcher.tells("which was written,", rows);
    await watcher.stop();
  },

  async "a watcher that is aborted before it listens ends"(bench) {
    await bench.write(...bench.samples.rows(2));
    const opened = await bench.open();
    for (const isAborted of [true, false]) await bench.startWatcher(opened, { isAborted }).stop();
  },

  async "a watcher that has ended calls nothing any more"(bench) {
    const row = bench.samples.row(1);
    const former = await bench.watch(await bench.open());
    await former.stop();
    const watcher = await bench.watch(await bench.open());
    await bench.write(row);
    await watcher.tells("which was written,", [row]);
    if (bench.options.capabilities?.heartbeats) {
      const { watchHeartbeatMs } = (await bench.use()).definition;
      // While the one gives signs of life, the other would. That they come is the matter of another rule.
      for (let n = 0; n < 2; n++) await watcher.sign(watchHeartbeatMs).catch(() => {});
    }
    const [call] = former.late;
    if (call !== undefined) broken(`a watcher had ended, and then called \`${call}\``);
  },

  async "an aborted watcher leaves nothing open"(bench) {
    const rows = bench.samples.rows(4);
    await bench.write(rows[0]!);
    const opened = await bench.open();
    await bench.expectRows(opened, rows.slice(0, 1), "before it is watched,");
    const before = openResources();
    // Several, since something else that was open before may be closed meanwhile.
    for (const row of rows.slice(1)) {
      const watcher = await bench.watch(opened);
      await bench.write(row);
      await watcher.tells("which was written,", [row]);
      await watcher.stop();
    }
    await expectClosed(before, bench.watchTimeoutMs);
  },

  async "a source can be watched again after a watcher was aborted"(bench) {
    const opened = await bench.open();
    for (const [n, time] of ["first", "second", "third"].entries()) {
      const watcher = await bench.watch(opened);
      const row = bench.samples.row(n);
      await bench.write(row);
      await watcher.tells(`which was written while the source was watched for the ${time} time,`, [row]);
      await watcher.stop();
    }
  },

  async "two watchers of one source are told of every change"(bench) {
    const [first, second, third] = bench.samples.rows(3);
    const [one, other] = [await bench.watch(await bench.open()), await bench.watch(await bench.open())];
    await bench.write(first!, second!);
    await one.tells("while two watchers listened,", [first!, second!]);
    await other.tells("while two watchers listened,", [first!, second!]);
    await one.stop();
    await bench.write(third!);
    await other.tells("after the other of two watchers was aborted,", [third!]);
  },
};

/** What holds where a watcher gives signs of life so often that they can be waited for. */
export const sourceHeartbeatRules: SourceRules = {
  async "a watcher gives signs of life while nothing changes"(bench) {
    const { watchHeartbeatMs } = (await bench.use()).definition;
    const watcher = bench.startWatcher(await bench.open());
    // From the start, as it is given up before it is armed, too.
    for (let n = 0; n < 4; n++) await watcher.sign(watchHeartbeatMs);
  },
};

/** What keeps the process alive, each kind of it so many times. */
function openResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Other parts of the process open and close things too: what is there for a moment does not count. */
async function expectClosed(before: ReadonlyMap<string, number>, withinMs: number): Promise<void> {
  const deadline = systemClock.monotonic() + withinMs;
  for (;;) {
    const left = [...openResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    if (left.length === 0) return;
    if (systemClock.monotonic() > deadline) {
      const text = left.map(([kind, count]) => `${count - (before.get(kind) ?? 0)} more of ${kind}`);
      broken(`${withinMs} ms after the last watcher ended the process has ${text.join(", ")} than before`);
    }
    await systemClock.sleep(5);
  }
}
