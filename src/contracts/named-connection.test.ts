import { inspect } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  connectionNamed,
  defineConnection,
  isNamedConnection,
  type NamedConnection,
} from "./named-connection.ts";

const url = "postgres://app:correct-horse@db/app";

describe("a named connection", () => {
  test("stands for what it was given, which it does not show", () => {
    const client = { url, query: () => 1 };
    const main = defineConnection("main-of-test", client);
    expect(connectionNamed("main-of-test")).toBe(client);
    expect(JSON.stringify({ connection: main })).toBe('{"connection":{"connection":"main-of-test"}}');
    expect(inspect(main, { showHidden: true, depth: 9 })).not.toContain("correct-horse");
    expect(main.name).toBe("main-of-test");
    expect(main.value).toBeUndefined();
    expectTypeOf(main).toEqualTypeOf<NamedConnection<{ url: string; query: () => number }>>();
  });

  test("stands for what it was given last, which is no change of a spec", () => {
    const before = defineConnection("rotated", "old password");
    const after = defineConnection("rotated", "new password");
    expect(connectionNamed(before.name)).toBe("new password");
    expect(JSON.stringify(after)).toBe(JSON.stringify(before));
  });

  test("may stand for nothing, which is not the same as not being defined", () => {
    defineConnection("void", undefined);
    expect(connectionNamed("void")).toBeUndefined();
  });

  test("that is not defined in this process is an error that says how to define it", () => {
    expect(() => connectionNamed("gone")).toThrow(
      expect.objectContaining({
        code: "connection-missing",
        message: "no connection is named gone",
        hint: 'Say what it is with defineConnection("gone", …) in the flow file.',
      }),
    );
  });

  test("has a name like everything else", () => {
    for (const bad of ["", "a b", "x".repeat(300)])
      expect(() => defineConnection(bad, url)).toThrow(expect.objectContaining({ code: "name-invalid" }));
  });

  test("is told from what only looks like one", () => {
    expect(isNamedConnection(defineConnection("real", url))).toBe(true);
    for (const other of [null, undefined, "real", { name: "real" }, { connection: "real" }])
      expect(isNamedConnection(other)).toBe(false);
  });
});
