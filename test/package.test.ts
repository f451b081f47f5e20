import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Consumer,
  type ConsumerOptions,
  createConsumer,
  runInConsumer,
  subpathSpecifiers,
  typeCheckConsumer,
} from "../tools/package/consumer.ts";
import { inspectPackage } from "../tools/package/inspect-package.ts";
import { readManifest } from "../tools/project/package-manifest.ts";

const project = process.cwd();

/** How modules are found has no bearing on what optional properties take, so each of both need be tried but once. */
const modules: readonly ConsumerOptions[] = [
  { module: "nodenext", moduleResolution: "nodenext", exactOptionalPropertyTypes: true },
  { module: "esnext", moduleResolution: "bundler", exactOptionalPropertyTypes: false },
];

describe("the published package, installed from its tarball", () => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(project, resolve("test/fixtures/consumer"));
  }, 60_000);
  afterAll(() => consumer?.remove(), 60_000);

  it("holds what it promises and nothing else", async () => {
    const { findings, filesRead } = await inspectPackage(consumer.installed, project);
    expect(findings).toEqual([]);
    expect(filesRead).toBeGreaterThan(50);
  });

  it.each(modules)(
    "type-checks under $moduleResolution, exact optional properties $exactOptionalPropertyTypes",
    (options) => {
      expect(typeCheckConsumer(consumer, options)).toBe("");
    },
    60_000,
  );

  it.each(subpathSpecifiers(readManifest(project)))("lets plain Node import %s", (specifier) => {
    const program = `console.log(Object.keys(await import(${JSON.stringify(specifier)})).length > 0)`;
    expect(runInConsumer(consumer, ["--input-type=module", "--eval", program])).toBe("true\n");
  });

  it("runs the conformance kits under Node's own test runner", () => {
    const report = runInConsumer(consumer, ["--test", "--test-reporter=tap", "conformance.test.mjs"]);
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(report)?.[1]);
    expect(count("pass")).toBeGreaterThan(70);
    expect(["fail", "cancelled", "skipped", "todo"].map(count)).toEqual([0, 0, 0, 0]);
  }, 120_000);

  it("runs a small program", () => {
    expect(runInConsumer(consumer, ["program.mjs"])).toBe("true spec-invalid\nIT RUNS 1\n");
  });
});
