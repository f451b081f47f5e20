import { type BigIntStats, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeTemporaryTree } from "../../../test/support/temporary-tree.ts";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import { FileSystemClock, isPast } from "./file-system-clock.ts";

const second = 1_000_000_000n;

function openClock(clock: Clock, directories: readonly string[]): FileSystemClock {
  const opened = new FileSystemClock(clock, directories);
  onTestFinished(() => opened.close());
  return opened;
}

/** The stats of a file with other times, and on another device where that is wanted. */
function statsWith(path: string, change: { mtimeNs?: bigint; ctimeNs?: bigint; dev?: bigint }): BigIntStats {
  return Object.assign(statSync(path, { bigint: true }), change);
}

const monotonicAt = (state: { now: number; wall?: number }): Clock => ({
  ...systemClock,
  now: () => state.wall ?? systemClock.now(),
  monotonic: () => state.now,
});

describe("with a probe", () => {
  it("does not trust a file that was just written, and does when its file system's clock has moved on", () => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const clock = openClock(systemClock, [tree.path]);
    const now = statSync(tree.at("a.md"), { bigint: true }).ctimeNs;
    expect(clock.isSettled(statsWith(tree.at("a.md"), { ctimeNs: now + second / 10n }), "strict")).toBe(
      false,
    );
    const before = now - second;
    const settled = statsWith(tree.at("a.md"), { ctimeNs: before, mtimeNs: before });
    expect(clock.isSettled(settled, "strict")).toBe(true);
  });

  it("asks that clock and not ours", () => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const clock = openClock(monotonicAt({ now: 0, wall: Date.now() + 86_400_000 }), [tree.path]);
    const ahead = statSync(tree.at("a.md"), { bigint: true }).ctimeNs + 10n * second;
    expect(clock.isSettled(statsWith(tree.at("a.md"), { ctimeNs: ahead }), "strict")).toBe(false);
  });

  it("takes a new stamp for a fresh file only after 5 ms, and for any after a second", () => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const state = { now: 0 };
    const clock = openClock(monotonicAt(state), [tree.path]);
    const old = { ctimeNs: 1n, mtimeNs: 1n };
    expect(clock.isSettled(statsWith(tree.at("a.md"), old), "strict")).toBe(true);
    tree.write("a.md", "b");
    const stamped = statSync(tree.at("a.md"), { bigint: true }).ctimeNs;
    while (BigInt(Date.now()) * 1_000_000n < stamped + second / 20n);
    const fresh = statsWith(tree.at("a.md"), {});
    state.now = 4;
    expect(clock.isSettled(fresh, "strict")).toBe(false);
    state.now = 5;
    expect(clock.isSettled(fresh, "strict")).toBe(true);
  });

  it("lets a modification time lie in the future, but not near now", () => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const clock = openClock(systemClock, [tree.path]);
    const { ctimeNs } = statSync(tree.at("a.md"), { bigint: true });
    const old = ctimeNs - second;
    const ahead = statsWith(tree.at("a.md"), { ctimeNs: old, mtimeNs: ctimeNs + 3_600n * second });
    expect(clock.isSettled(ahead, "strict")).toBe(true);
    expect(clock.isSettled(ahead, "sizeMtime")).toBe(true);
    for (const after of [0n, second / 2n, second]) {
      const near = statsWith(tree.at("a.md"), { ctimeNs: old, mtimeNs: ctimeNs + 2n * second + after });
      expect(clock.isSettled(near, "sizeMtime")).toBe(false);
      expect(clock.isSettled(near, "strict")).toBe(false);
    }
  });

  it("looks at the modification time alone for sizeMtime", () => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const clock = openClock(systemClock, [tree.path]);
    const stats = statsWith(tree.at("a.md"), { mtimeNs: 1n });
    expect(clock.isSettled(stats, "sizeMtime")).toBe(true);
  });

  it("leaves nothing behind, not even while it runs", () => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const clock = openClock(systemClock, [join(tree.path, "missing"), tree.path]);
    clock.isSettled(statsWith(tree.at("a.md"), {}), "strict");
    expect(readdirSync(tree.path)).toEqual(["a.md"]);
  });
});

describe("without a probe", () => {
  const minute = 60n * second;
  const wall = 1_700_000_000_000;
  const wallNs = BigInt(wall) * 1_000_000n;

  it.each([
    ["a minute and more ago", wallNs - minute - 1n, true],
    ["less than a minute ago", wallNs - minute, false],
    ["now", wallNs, false],
    ["in the future", wallNs + 100n * minute, false],
  ])("a file touched %s: %s", (_, ctimeNs, settled) => {
    const tree = makeTemporaryTree({ "a.md": "a" });
    const clock = openClock(monotonicAt({ now: 0, wall }), [tree.path]);
    const elsewhere = { dev: 987_654_321n, ctimeNs, mtimeNs: 1n };
    expect(clock.isSettled(statsWith(tree.at("a.md"), elsewhere), "strict")).toBe(settled);
    const swapped = { dev: 987_654_321n, ctimeNs: 1n, mtimeNs: ctimeNs };
    expect(clock.isSettled(statsWith(tree.at("a.md"), swapped), "strict")).toBe(settled);
    expect(clock.isSettled(statsWith(tree.at("a.md"), elsewhere), "sizeMtime")).toBe(true);
  });
});

describe("the step of a clock", () => {
  const at = (ns: bigint) => ({ mtimeNs: ns, ctimeNs: ns });
  it.each([
    ["more than 10 ms", 7n * second + 1n, 7n * second + 10_000_002n, true],
    ["10 ms", 7n * second + 1n, 7n * second + 10_000_001n, false],
    ["the same", 7n * second + 1n, 7n * second + 1n, false],
    ["two whole seconds", 6n * second, 8n * second, false],
    ["three whole seconds", 6n * second, 9n * second, true],
    ["a whole second and a fraction more", 6n * second, 7n * second + 1n, true],
    ["some seconds ahead, which may be a write after the stamp", 12n * second, 6n * second, false],
    ["a step back", 9n * second, 6n * second, false],
  ])("%s", (_, touched, now, past) => {
    expect(isPast(at(touched), at(now), "strict")).toBe(past);
    expect(isPast(at(touched), at(now), "sizeMtime")).toBe(past);
  });
});
