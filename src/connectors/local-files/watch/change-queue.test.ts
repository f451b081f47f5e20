import { describe, expect, it } from "vitest";
import { LeapingClock } from "../../../../test/worlds/leaping-clock.ts";
import { ChangeQueue } from "./change-queue.ts";

const never = new AbortController().signal;

function setUp() {
  const clock = new LeapingClock(0);
  return { clock, queue: new ChangeQueue(clock) };
}

describe("the queue of changes", () => {
  it("gives a file when nothing has happened to it for 20 ms", async () => {
    const { clock, queue } = setUp();
    const taken = queue.take(never);
    queue.touch("a");
    clock.pass(15);
    queue.touch("a");
    queue.touch("b");
    clock.pass(10);
    queue.touch("b");
    expect(await taken).toEqual(["a"]);
    expect(clock.monotonic()).toBe(35);
    expect(await queue.take(never)).toEqual(["b"]);
    expect(clock.monotonic()).toBe(45);
  });

  it("gives a file after 200 ms though more and more happens to it", async () => {
    const { clock, queue } = setUp();
    for (let ms = 0; ms < 200; ms += 10) {
      queue.touch("a");
      clock.pass(10);
    }
    queue.touch("a");
    expect(await queue.take(never)).toEqual(["a"]);
    expect(clock.monotonic()).toBe(200);
  });

  it("keeps each file once for one who takes late", async () => {
    const { clock, queue } = setUp();
    for (const path of ["a", "b", "a", "c", "a"]) queue.touch(path);
    clock.pass(1_000);
    expect(await queue.take(never)).toEqual(["a", "b", "c"]);
  });

  it("throws what it failed with, also to one who waits", async () => {
    const { queue } = setUp();
    const taken = queue.take(never);
    queue.fail("dead");
    await expect(taken).rejects.toBe("dead");
    await expect(queue.take(never)).rejects.toBe("dead");
  });

  it("stops to wait when the signal aborts", async () => {
    const { queue } = setUp();
    const stop = new AbortController();
    const taken = queue.take(stop.signal);
    stop.abort("enough");
    await expect(taken).rejects.toBe("enough");
  });
});
