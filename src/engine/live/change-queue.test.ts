import { describe, expect, test } from "vitest";
import { ChangeQueue, type QueuedChange } from "./change-queue.ts";

function change(id: number, text: string, acknowledge: () => void = () => {}): QueuedChange {
  return {
    key: new Uint8Array([id]),
    entry: { key: id, value: text },
    deleted: false,
    listings: 0,
    toldAt: 0,
    acknowledgements: [acknowledge],
    looked: [],
  };
}

describe("the queue of changes", () => {
  test("keeps the latest of several changes of a row, with the acknowledgements of all", async () => {
    const queue = new ChangeQueue();
    const called: string[] = [];
    for (const text of ["first", "second", "third"]) queue.add(change(1, text, () => called.push(text)));
    const next = queue.next()!;
    expect(next.entry.value).toBe("third");
    expect(queue.next()).toBeNull();
    for (const acknowledge of next.acknowledgements) await acknowledge();
    expect(called).toEqual(["first", "second", "third"]);
  });

  test("gives what is told of a row at work to the next attempt, and nothing of it to this one", () => {
    const queue = new ChangeQueue();
    queue.add(change(1, "first"));
    const atWork = queue.next()!;
    queue.add(change(1, "second"));
    queue.add(change(1, "third"));
    expect(queue.next()).toBeNull();
    expect(atWork.acknowledgements).toHaveLength(1);
    queue.done(atWork);
    const next = queue.next()!;
    expect(next.entry.value).toBe("third");
    expect(next.acknowledgements).toHaveLength(2);
  });

  test("has a row read of which changes came in no certain order", () => {
    const ordered = (ordinal: number | undefined, text: string) => {
      const { entry, ...others } = change(1, text);
      return { ...others, entry: { ...entry, ...(ordinal === undefined ? {} : { ordinal }) } };
    };
    const merged = (...ordinals: (number | undefined)[]) => {
      const queue = new ChangeQueue();
      for (const ordinal of ordinals) queue.add(ordered(ordinal, `as of ${ordinal}`));
      return queue.next()!.entry;
    };
    expect(merged(3, 5)).toEqual({ key: 1, ordinal: 5, value: "as of 5" });
    // Late, or the source was restored from a backup.
    expect(merged(5, 3)).toEqual({ key: 1 });
    expect(merged(5, undefined)).toEqual({ key: 1 });
    expect(merged(5, undefined, 3)).toEqual({ key: 1 });
    expect(merged(5, 3, 4)).toEqual({ key: 1 });
  });

  // Where each merge copies what was there, this takes minutes.
  test("takes any number of changes of one row", () => {
    const queue = new ChangeQueue();
    const changes = 300_000;
    for (let i = 0; i < changes; i++) queue.add(change(1, `${i}`));
    expect(queue.size).toBe(1);
    expect(queue.next()!.acknowledgements).toHaveLength(changes);
  });
});
