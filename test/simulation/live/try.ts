import { generateRound } from "./generate-round.ts";
import { runRound } from "./run-round.ts";

const [from, count, store, verbose] = process.argv.slice(2);
for (let seed = Number(from); seed < Number(from) + Number(count); seed++) {
  const t = performance.now();
  const f = await runRound(generateRound(seed, (store ?? "memory") as "memory"), {
    observe: (w) => {
      if (verbose)
        console.log(
          Object.fromEntries(w.log.counts),
          w.acknowledgements.count,
          w.clock.monotonic() / 3600000,
        );
    },
  });
  const ms = Math.round(performance.now() - t);
  console.log(seed, ms, f ? `FAILED ${f.kind}: ${f.text.slice(0, 1500)}` : "ok");
  if (f && verbose)
    console.log(
      f.log
        .slice(-Number(verbose))
        .map((l) => l.slice(0, 400))
        .join("\n"),
    );
}
