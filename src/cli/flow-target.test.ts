import { describe, expect, test } from "vitest";
import { parseFlowTarget } from "./flow-target.ts";

const nothing = () => false;

describe("parseFlowTarget", () => {
  test.each([
    ["flows.ts", "flows.ts", null],
    ["flows.ts:Docs", "flows.ts", "Docs"],
    ["./a/b.ts:Docs", "./a/b.ts", "Docs"],
    ["/abs/b.ts:My-Flow.1", "/abs/b.ts", "My-Flow.1"],
    ["C:\\app\\flows.ts", "C:\\app\\flows.ts", null],
    ["C:\\app\\flows.ts:Docs", "C:\\app\\flows.ts", "Docs"],
    ["C:flows.ts", "C:flows.ts", null],
    ["C:/app/flows.ts", "C:/app/flows.ts", null],
    ["a:b/flows.ts", "a:b/flows.ts", null],
    ["a:b/flows.ts:Docs", "a:b/flows.ts", "Docs"],
  ])("%s", (text, file, flow) => {
    expect(parseFlowTarget(text, nothing)).toEqual({ file, flow });
  });

  test("an existing file with a colon in its name wins", () => {
    expect(parseFlowTarget("my:flows.ts", (path) => path === "my:flows.ts")).toEqual({
      file: "my:flows.ts",
      flow: null,
    });
  });

  test("a colon with nothing behind it is a mistake", () => {
    expect(() => parseFlowTarget("flows.ts:", nothing)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => parseFlowTarget("", nothing)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
