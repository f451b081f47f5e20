import { expect, test } from "vitest";
import { Activity } from "./activity.ts";
import { systemClock } from "./clock.ts";

test("a lull is a turn of the event loop in which nothing was noted", async () => {
  const activity = new Activity(systemClock);
  const heard: string[] = [];
  const lull = activity.lull().then(() => heard.push("lull"));
  for (let turn = 0; turn < 5; turn++) {
    activity.note();
    await systemClock.idle();
    heard.push("turn");
  }
  await lull;
  expect(heard).toEqual(["turn", "turn", "turn", "turn", "turn", "lull"]);
});
