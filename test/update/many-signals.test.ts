import { afterEach, beforeEach, expect, test } from "vitest";
import type { UpdateInfo } from "../../src/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** More than Node lets listen to one signal before it warns of a leak. */
const many = 30;

const warnings: string[] = [];
const warned = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);

beforeEach(() => {
  warnings.length = 0;
  process.on("warning", warned);
});

afterEach(async () => {
  // A warning is emitted one turn later.
  await hastyClock.idle();
  process.off("warning", warned);
  expect(warnings).toEqual([]);
});

test("many may share an update, each with a signal of its own, without a warning", async () => {
  world.write(3);
  const flow = world.define("Shared");
  await flow.setup();
  let underWay: Promise<UpdateInfo> | null = null;
  await new Promise<void>((begun) => {
    underWay = flow.update({ report: ({ kind }) => kind === "update-started" && begun() });
  });
  const calls = Array.from({ length: many }, () => flow.update({ signal: new AbortController().signal }));
  expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
  expect((await underWay!).ok).toBe(true);
});

test("many flows may be updated at once, none of them with a signal, without a warning", async () => {
  world.write(3);
  const flows = Array.from({ length: many }, (_, i) => {
    return world.define(`Flow${i}`, { targets: { Out: world.library.target()({ shelf: `s${i}` }) } });
  });
  for (const flow of flows) await flow.setup();
  const infos = await Promise.all(flows.flatMap((flow) => [flow.update(), flow.update()]));
  expect(infos.every(({ ok }) => ok)).toBe(true);
});
