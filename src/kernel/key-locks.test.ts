import { expect, test } from "vitest";
import { KeyLocks } from "./key-locks.ts";

const never = new AbortController().signal;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("work on common names runs one after the other, in whatever order they are given; other work does not wait", async () => {
  const locks = new KeyLocks();
  const running = new Set<string>();
  let most = 0;
  const work = (names: readonly string[]) =>
    locks.holding(names, never, async () => {
      for (const name of names) {
        expect(running.has(name)).toBe(false);
        running.add(name);
      }
      most = Math.max(most, running.size);
      await turn();
      for (const name of names) running.delete(name);
      return names.length;
    });
  const results = await Promise.all([work(["a", "b"]), work(["b", "a"]), work(["c"]), work(["b", "c", "d"])]);
  expect(results).toEqual([2, 2, 1, 3]);
  expect(most).toBe(3);
});

test("a failure gives the names back", async () => {
  const locks = new KeyLocks();
  const failing = locks.holding(["a", "b"], never, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await locks.holding(["b"], never, async () => "free")).toBe("free");
});

test("what waits is not begun once it is to stop, and gives back what it has", async () => {
  const locks = new KeyLocks();
  const stop = new AbortController();
  let finish = () => {};
  const first = locks.holding(["b"], never, () => new Promise<void>((resolve) => (finish = resolve)));
  await turn();
  let begun = false;
  const second = locks.holding(["a", "b"], stop.signal, async () => {
    begun = true;
  });
  stop.abort(new Error("stopped"));
  finish();
  await first;
  await expect(second).rejects.toThrow("stopped");
  expect(begun).toBe(false);
  expect(await locks.holding(["a", "b"], never, async () => "free")).toBe("free");
});
