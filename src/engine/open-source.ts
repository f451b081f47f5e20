import { toSluiceError } from "../errors/index.ts";
import type { PlannedSource } from "../plan/index.ts";
import type { ReadingRun } from "./run.ts";

export interface OpenSource {
  /** What the source's `create` yielded. */
  readonly connection: unknown;
  close(): Promise<void>;
}

/** Opens a source. One that cannot be opened is reported like a listing that failed, and null. */
export async function openSource(run: ReadingRun, source: PlannedSource): Promise<OpenSource | null> {
  const report = (thrown: unknown) => {
    const where = { flow: run.plan.flow, source: source.name };
    const error = toSluiceError(thrown, "listing-failed", { where });
    run.tally.report({ kind: "source-incomplete", source: source.name, error });
  };
  try {
    const connection = await source.definition.create(source.spec, {
      ...run.sourceContext,
      ...source.names,
    });
    return { connection, close: async () => closeSource(source, connection).catch(report) };
  } catch (thrown) {
    report(thrown);
    return null;
  }
}

async function closeSource({ definition }: PlannedSource, connection: unknown): Promise<void> {
  await definition.close(connection);
}
