import { expect, it } from "vitest";
import { LeapingClock } from "../../../../test/worlds/leaping-clock.ts";
import { Ration } from "./ration.ts";

it("lets work begin again when it has rested for so many times as long as it took", async () => {
  const clock = new LeapingClock(0);
  const ration = new Ration(clock, 20);
  expect(ration.dueInMs).toBe(0);
  await ration.spend(async () => clock.pass(30));
  expect(ration.dueInMs).toBe(600);
  clock.pass(599);
  expect(ration.dueInMs).toBe(1);
  clock.pass(2);
  expect(ration.dueInMs).toBe(0);
});
