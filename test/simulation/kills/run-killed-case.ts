import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Case } from "../case.ts";
import { problem } from "../oracle/problem.ts";
import type { Failure } from "../run-case.ts";
import { KeptWorld } from "./kept-world.ts";

const program = fileURLToPath(new URL("killed-process.ts", import.meta.url));
const loader = import.meta.resolve("tsx");
const longestMs = 120_000;

/** Goes through a history in processes of its own, each of which ends with `kill -9` where the case says so. */
export async function runKilledCase(simulated: Case, onKill: () => void = () => {}): Promise<Failure | null> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-kills-"));
  const kept = new KeptWorld(directory);
  try {
    kept.writeCase(simulated);
    for (;;) {
      const { signal, code, said } = await runProcess(directory);
      const { ends, failure } = kept.readProgress();
      if (failure) return failure;
      if (code === 0) return null;
      const step = Math.max(0, ends.length - 1);
      if (signal === "SIGTERM") return { ...problem("hangs", "the process did not end"), step };
      if (signal !== "SIGKILL") return { ...problem("unhandled", `${code ?? signal}: ${said}`), step };
      onKill();
      if (ends.length === simulated.steps.length) return null;
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

function runProcess(directory: string): Promise<Ended> {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", loader, program, directory], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const timer = setTimeout(() => child.kill("SIGTERM"), longestMs);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, said });
    });
  });
}
