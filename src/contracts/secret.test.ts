import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { parseSpec } from "./parse-spec.ts";
import { env, type Secret, secret } from "./secret.ts";

const name = "SLUICE_TEST_SECRET";
const text = "correct horse battery staple";

afterEach(() => vi.unstubAllEnvs());

const schema = z.object({ url: z.string(), password: secret(), token: secret().optional() });
const parse = (spec: unknown) => parseSpec("target vault", schema, spec) as z.output<typeof schema>;

describe("a secret of the environment", () => {
  test("is looked up when it is needed, so that it may be set later and changed", () => {
    const { password } = parse({ url: "u", password: env(name) });
    vi.stubEnv(name, "first");
    expect(password.reveal()).toBe("first");
    vi.stubEnv(name, "second");
    expect(password.reveal()).toBe("second");
  });

  test("is missing where its variable is not set, or empty, and the error says which one", () => {
    for (const value of [undefined, ""]) {
      vi.stubEnv(name, value);
      expect(() => env(name).reveal()).toThrow(
        expect.objectContaining({
          code: "secret-missing",
          message: `the environment variable ${name} is not set`,
          hint: expect.stringContaining(name),
        }),
      );
    }
  });

  test("has a name that a variable can have", () => {
    for (const bad of ["", "A=B", "A\0"])
      expect(() => env(bad)).toThrow(expect.objectContaining({ code: "option-invalid" }));
    expect(() => env(undefined as never)).toThrow(expect.objectContaining({ code: "option-invalid" }));
  });
});

describe("whatever shows a secret shows its reference", () => {
  const given = (): readonly [Secret, unknown][] => {
    vi.stubEnv(name, text);
    return [
      [parse({ url: "u", password: env(name) }).password, { env: name }],
      [parse({ url: "u", password: text }).password, { secret: "given in code" }],
    ];
  };

  test("as JSON, text, in a console, in an error", () => {
    for (const [password, reference] of given()) {
      expect(password.reveal()).toBe(text);
      expect(JSON.parse(JSON.stringify({ password }))).toEqual({ password: reference });
      expect(password.reference).toEqual(reference);
      const shown = [
        JSON.stringify(password),
        String(password),
        `${password}`,
        inspect(password),
        inspect({ deep: { password } }, { depth: 9, showHidden: true, getters: true }),
        inspect(new Error(`cannot connect with ${password}`, { cause: { password } }), { showHidden: true }),
        JSON.stringify(structuredCloneOf({ password })),
      ];
      for (const one of shown) expect(one).not.toContain(text);
      expect(inspect(password)).toBe(`Secret(${JSON.stringify(reference)})`);
    }
  });

  test("and no property yields the value", () => {
    for (const [password] of given()) {
      const values = Reflect.ownKeys(password).map((key) => Reflect.get(password, key));
      expect(values.filter((value) => typeof value !== "function")).not.toContain(text);
      expect(Object.isFrozen(password)).toBe(true);
    }
  });

  /** As a value that is sent to a worker, but for its functions, which cannot be. */
  function structuredCloneOf(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value));
  }
});

describe("the schema", () => {
  test("takes text, env and a secret that was parsed before; an optional one may be left out", () => {
    const first = parse({ url: "u", password: "p" });
    expect(first.token).toBeUndefined();
    expect(parse({ url: "u", password: first.password }).password).toBe(first.password);
  });

  test("refuses anything else without showing it", () => {
    for (const bad of [undefined, null, 42, { env: name }, [text], { reveal: () => text }]) {
      const refused = () => parse({ url: "u", password: bad });
      expect(refused).toThrow('target vault was given an unfit spec: password: must be text, or env("NAME")');
    }
  });
});
