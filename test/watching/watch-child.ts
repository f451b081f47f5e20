import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";
import { localFiles } from "../../src/connectors/local-files/index.ts";
import type { ChangeEvent } from "../../src/contracts/source.ts";
import { messageOf, type SluiceError } from "../../src/errors/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { sourceContext } from "../support/source-context.ts";
import { LeapingClock } from "../worlds/leaping-clock.ts";

/** What a watch in a process of its own says, a line of JSON each. */
export type WatchLine =
  | { readonly kind: "armed" }
  | { readonly kind: "told"; readonly filename: string }
  | { readonly kind: "missed"; readonly reason: string }
  | { readonly kind: "degraded"; readonly reason: WatchReason | null }
  /** A command has been run. */
  | { readonly kind: "ran"; readonly output: string }
  | { readonly kind: "ended"; readonly error: string | null };

type WatchReason = Pick<SluiceError, "code" | "message" | "hint">;

/** Whether waits take no time, so that all that is done now and then is done all the time; or the time that they take. */
export type WatchTime = "leaping" | "real";

/** Watches a directory; each line of the input is a command of the shell, "end" and the end of input stop it. */
async function watchDirectory(path: string, time: WatchTime): Promise<void> {
  const { definition, spec } = localFiles({ path, watchChanges: true });
  const clock = time === "real" ? systemClock : new LeapingClock();
  const connection = await definition.create(spec, sourceContext(path, clock));
  const stop = new AbortController();
  obey(stop);
  const changes = definition.watch!(connection, {
    signal: stop.signal,
    armed: () => say({ kind: "armed" }),
    alive: () => {},
    missed: (reason) => say({ kind: "missed", reason: reason ?? "caution" }),
    degraded: (reason) => {
      const { code, message, hint } = (reason ?? {}) as WatchReason;
      say({ kind: "degraded", reason: reason === null ? null : { code, message, hint } });
    },
  }) as AsyncIterable<readonly ChangeEvent<{ filename: string }, never>[]>;
  for await (const page of changes) for (const { key } of page) say({ kind: "told", filename: key.filename });
}

function obey(stop: AbortController): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    if (line === "end") lines.close();
    else say({ kind: "ran", output: execFileSync("sh", ["-c", line], { encoding: "utf8" }) });
  });
  lines.on("close", () => {
    stop.abort();
    process.stdin.destroy();
  });
}

function say(line: WatchLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

watchDirectory(process.argv[2]!, process.argv[3] as WatchTime).then(
  () => say({ kind: "ended", error: null }),
  (error: unknown) => say({ kind: "ended", error: messageOf(error) }),
);
