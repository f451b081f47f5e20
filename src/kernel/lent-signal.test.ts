import { expect, test } from "vitest";
import { LentSignal } from "./lent-signal.ts";

test("aborts with its lender", () => {
  const lender = new AbortController();
  const lent = new LentSignal(lender.signal);
  const { signal } = lent;
  expect(signal).not.toBe(lender.signal);
  expect(lent.signal).toBe(signal);
  lender.abort("enough");
  expect(signal).toMatchObject({ aborted: true, reason: "enough" });
  expect(new LentSignal(lender.signal).signal).toMatchObject({ aborted: true, reason: "enough" });
});

test("hears nothing of its lender once it is given back", async () => {
  const lender = new AbortController();
  const lent = [1, 2, 3, 4].map(() => new LentSignal(lender.signal));
  const signals = lent.map(({ signal }) => signal);
  const failed = () => {
    throw new Error("no");
  };
  expect(lent[0]!.during(() => "done")).toBe("done");
  expect(await lent[1]!.during(async () => "done")).toBe("done");
  expect(() => lent[2]!.during(failed)).toThrow("no");
  await expect(lent[3]!.during(async () => failed())).rejects.toThrow("no");
  lender.abort();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false, false]);
  // What is asked for too late is to know that it is over.
  expect(lent[0]!.signal.aborted).toBe(true);
});
