import { describeCase } from "./describe-case.ts";
import { generateCase } from "./generate/generate-case.ts";
import { replayCase as runCase } from "./replay-case.ts";
import { shrinkCase } from "./shrink-case.ts";

const [from, count, store, shared] = [
  Number(process.argv[2] ?? 1),
  Number(process.argv[3] ?? 100),
  process.argv[4] ?? "memory",
  process.argv[5] === "shared",
];
const began = process.cpuUsage();
const t0 = performance.now();
const kinds = new Map<string, number[]>();
for (let seed = from; seed < from + count; seed++) {
  const c = generateCase(
    seed,
    { store: store === "memory" ? "memory" : "lmdb", kills: store === "kills" },
    shared ? undefined : { shared, moving: shared, held: false, failing: false },
  );
  let f: Awaited<ReturnType<typeof runCase>> | null;
  try {
    f = await runCase(c);
  } catch (e) {
    console.log(String((e as Error).stack));
    f = { kind: "runner" as never, text: String((e as Error).stack), step: -1 };
  }
  if (f) {
    const l = kinds.get(f.kind) ?? [];
    kinds.set(f.kind, l);
    l.push(seed);
    if (count === 1) {
      console.log(describeCase(c), f);
      const small = await shrinkCase(c, f, { run: runCase, timeLimitMs: 20000 });
      console.log(`--- ${small.tried} tried`);
      console.log(describeCase(small.simulated));
      console.log(small.failure);
    } else if (l.length <= 4) console.log(seed, f.step, "/", c.steps.length, f.kind, f.text.slice(0, 600));
  }
}
const used = process.cpuUsage(began);
console.log(
  `${((used.user + used.system) / 1000 / count).toFixed(1)} ms CPU, ${((performance.now() - t0) / count).toFixed(1)} ms each`,
);
for (const [k, l] of kinds) console.log(k, l.length, l.slice(0, 12).join(" "));
