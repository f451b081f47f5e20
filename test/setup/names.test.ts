import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { configure, defineTarget, getAppNamespace, getTargetDefaultName } from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

afterEach(() => vi.unstubAllEnvs());

const made: string[] = [];
const tables = defineTarget({
  kind: "tablesByName",
  spec: z.object({ table: z.string().optional() }),
  key: z.object({ id: z.string() }),
  getPersistentKey: ({ table }, _name, { defaultName }) => table ?? defaultName,
  applySetupChange({ key, current }) {
    if (current !== null) made.push(String(key));
  },
  mutate() {},
});

describe("the default name of a backend", () => {
  test("is made of the flow and the export, and is what the target is given", async () => {
    const flow = world.define("Docs", { targets: { Pages: tables({}) } });
    expect(getTargetDefaultName(flow, "Pages")).toBe("Docs__Pages");
    made.length = 0;
    await flow.setup();
    expect(made).toEqual(["Docs__Pages"]);
  });

  test("has the app namespace before it, also one that was set after the flow was defined", async () => {
    const flow = world.define("Docs", { targets: { Pages: tables({}) } });
    expect(getTargetDefaultName(flow, "Pages")).toBe("Docs__Pages");
    configure({ appNamespace: "staging" });
    expect(getTargetDefaultName(flow, "Pages")).toBe("staging__Docs__Pages");
    made.length = 0;
    await flow.setup();
    expect(made).toEqual(["staging__Docs__Pages"]);
    configure({ appNamespace: undefined });
    expect(getTargetDefaultName(flow, "Pages")).toBe("Docs__Pages");
  });

  test("is told of what a spec names too, since it is what the name would be", () => {
    const flow = world.define("Docs", { targets: { Pages: tables({ table: "pages" }) } });
    expect(getTargetDefaultName(flow, "Pages")).toBe("Docs__Pages");
  });

  test("is none of an export that the flow does not have", () => {
    const flow = world.define("Docs", { targets: { A: tables({ table: "a" }), B: tables({ table: "b" }) } });
    expect(() => getTargetDefaultName(flow, "Page")).toThrow(
      expect.objectContaining({
        code: "option-invalid",
        message: "flow Docs has no export Page",
        hint: "It has A, B.",
      }),
    );
  });
});

describe("the app namespace", () => {
  test("is empty, or what code says, or the environment", () => {
    expect(getAppNamespace()).toBe("");
    vi.stubEnv("SLUICE_APP_NAMESPACE", "of_env");
    expect(getAppNamespace()).toBe("of_env");
    configure({ appNamespace: "of_code" });
    expect(getAppNamespace()).toBe("of_code");
  });

  test("that no name can begin with is an error", () => {
    configure({ appNamespace: "a b" });
    expect(() => getAppNamespace()).toThrow(expect.objectContaining({ code: "settings-invalid" }));
  });
});
