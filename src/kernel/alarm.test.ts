import { expect, it } from "vitest";
import { LeapingClock } from "../../test/worlds/leaping-clock.ts";
import { Alarm } from "./alarm.ts";

const never = new AbortController().signal;

it("lets a wait pass when its time is over", async () => {
  const clock = new LeapingClock(0);
  await new Alarm(clock).wait(500, never);
  expect(clock.monotonic()).toBe(500);
});

it("cuts a wait short when it is rung, with or without a time", async () => {
  const clock = new LeapingClock(0);
  const alarm = new Alarm(clock);
  for (const ms of [500, null]) {
    const wait = alarm.wait(ms, never);
    alarm.ring();
    await wait;
  }
  expect(clock.monotonic()).toBe(0);
});

it("lets one wait pass for what was rung before, and no other", async () => {
  const clock = new LeapingClock(0);
  const alarm = new Alarm(clock);
  alarm.ring();
  alarm.ring();
  await alarm.wait(500, never);
  expect(clock.monotonic()).toBe(0);
  await alarm.wait(500, never);
  expect(clock.monotonic()).toBe(500);
});

it.each([500, null])("ends with the reason of the signal, of a wait of %s", async (ms) => {
  const alarm = new Alarm(new LeapingClock(0));
  const stop = new AbortController();
  const wait = alarm.wait(ms, stop.signal);
  stop.abort("enough");
  await expect(wait).rejects.toBe("enough");
  await expect(alarm.wait(ms, stop.signal)).rejects.toBe("enough");
});
