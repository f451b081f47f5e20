import { expect, test } from "vitest";
import { judge, ownIdentity, parseStart } from "./process-identity.ts";

const own = ownIdentity();

test("this process lives", () => {
  expect(judge(own)).toBe("alive");
});

test("a process whose number another has now is dead", () => {
  expect(judge({ ...own, start: "1" })).toBe(own.start === null ? "alive" : "dead");
});

test("a process of which there is no number any more is dead", () => {
  expect(judge({ ...own, pid: 2 ** 30 })).toBe("dead");
});

test("all that ran before the machine was started are dead", () => {
  const here = { ...own, boot: "now" };
  expect(judge({ ...own, boot: "before" }, here)).toBe("dead");
});

test("of other machines and other containers nothing is known", () => {
  const here = { ...own, boot: "ours", host: "here", namespace: "pid:[1]" };
  expect(judge({ ...here, boot: "theirs", host: "there" }, here)).toBe("unknown");
  expect(judge({ ...here, boot: null, host: "there" }, here)).toBe("unknown");
  expect(judge({ ...here, namespace: "pid:[2]" }, here)).toBe("unknown");
  expect(judge({ ...here, host: "renamed" }, here)).toBe("alive");
});

test("the start of a process is read past blanks and parentheses in its name", () => {
  const fields = Array.from({ length: 30 }, (_, i) => String(i + 4));
  expect(parseStart(`12 (a) (b c) S ${fields.join(" ")}`)).toBe("22");
  expect(parseStart(`12 (gone) Z ${fields.join(" ")}`)).toBe("ended");
  expect(parseStart(null)).toBeNull();
});
