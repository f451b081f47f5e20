import { defineTarget, range, vector } from "sluice";
import { z } from "zod";
import { recordOperation, textDigest } from "./counts.ts";
import { dimension } from "./fake-embedder.ts";

/** What a target was given. */
export interface TargetCounts {
  targetCalls: number;
  targetWrites: number;
  targetDeletes: number;
}

export interface ChunkKey {
  readonly file: string;
  readonly location: [number, number];
}

/** A target that only counts, and notes each operation where there is a file to note it in. */
export function countingTarget(counts: TargetCounts, record: string | null) {
  return defineTarget({
    kind: "counting",
    spec: z.object({}),
    key: z.object({ file: z.string(), location: range() }),
    value: z.object({ text: z.string(), embedding: vector(dimension) }),
    getPersistentKey: () => "counting",
    applySetupChange: () => {},
    mutate(batches) {
      counts.targetCalls++;
      for (const { mutations } of batches) {
        for (const { key, value } of mutations) {
          if (value === null) counts.targetDeletes++;
          else counts.targetWrites++;
          if (record !== null) note(record, key, value);
        }
      }
    },
  })({});
}

function note(record: string, { file, location }: ChunkKey, value: { readonly text: string } | null): void {
  const id = `${file}:${location.join("-")}`;
  recordOperation(
    record,
    value === null ? { op: "delete", id } : { op: "write", id, file, text: textDigest(value.text) },
  );
}
