import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Chunk, ChunkResult } from "./simulation-worker.ts";

const program = fileURLToPath(new URL("simulation-worker.ts", import.meta.url));
/** No chunk takes so long, unless something never ends. */
const longestMs = 15 * 60_000;

/** A worker that has ended in the middle of a chunk, or was ended since it took too long. */
export interface LostChunk {
  readonly lost: string;
}

/** Runs chunks in so many worker processes, each taken up by whoever is free. */
export async function runChunks(
  chunks: Iterator<Chunk>,
  workers: number,
  done: (chunk: Chunk, result: ChunkResult | LostChunk) => void,
): Promise<void> {
  await Promise.all(Array.from({ length: workers }, () => runLane(chunks, done)));
}

async function runLane(
  chunks: Iterator<Chunk>,
  done: (chunk: Chunk, result: ChunkResult | LostChunk) => void,
): Promise<void> {
  let worker: ChildProcess | null = null;
  for (let next = chunks.next(); !next.done; next = chunks.next()) {
    worker ??= fork(program, { execArgv: ["--import", import.meta.resolve("tsx")] });
    const result = await ask(worker, next.value);
    done(next.value, result);
    // One that has seen a failure may have left something behind.
    if ("failures" in result && result.failures.length === 0) continue;
    worker.kill("SIGKILL");
    worker = null;
  }
  worker?.kill();
}

function ask(worker: ChildProcess, chunk: Chunk): Promise<ChunkResult | LostChunk> {
  return new Promise((resolve) => {
    const settle = (result: ChunkResult | LostChunk) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(result);
    };
    const timer = setTimeout(() => settle({ lost: `no answer within ${longestMs} ms` }), longestMs);
    worker.once("message", (result) => settle(result as ChunkResult));
    worker.once("exit", (code, signal) => settle({ lost: `the worker ended with ${signal ?? code}` }));
    worker.send(chunk);
  });
}
