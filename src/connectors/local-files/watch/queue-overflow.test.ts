import { expect, it } from "vitest";
import { OverflowGuard } from "./queue-overflow.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("speaks up once a turn when there are as many hints in it as the limit", async () => {
  const guard = new OverflowGuard(3);
  let spoken = 0;
  const forget = guard.listen(() => spoken++);
  for (let hint = 0; hint < 7; hint++) guard.count();
  expect(spoken).toBe(1);
  await turn();
  for (let hint = 0; hint < 3; hint++) guard.count();
  expect(spoken).toBe(2);
  await turn();
  forget();
  for (let hint = 0; hint < 3; hint++) guard.count();
  expect(spoken).toBe(2);
});

it("keeps quiet over as many hints in several turns", async () => {
  const guard = new OverflowGuard(3);
  let spoken = 0;
  guard.listen(() => spoken++);
  for (let hint = 0; hint < 9; hint++) {
    guard.count();
    if (hint % 2 === 1) await turn();
  }
  expect(spoken).toBe(0);
});
