import type { Json, TargetIndexes } from "../contracts/target.ts";
import type { ConformancePlace } from "./conformance-place.ts";
import { ConformancePlaces, cleanedUp } from "./conformance-place.ts";
import type { RuleGroup, Rules } from "./conformance-suite.ts";
import { RowSamples } from "./row-samples.ts";
import { type ForeignRow, RowSchema } from "./row-schema.ts";
import { type AnyTargetUse, TargetBackend } from "./target-backend.ts";
import type { TargetChange, TargetConformanceOptions } from "./target-conformance-options.ts";
import { TargetFlows } from "./target-flows.ts";

export type TargetRules = Rules<TargetBench>;
export type TargetRuleGroup = RuleGroup<TargetBench>;

/** What one case works with: backends that nothing else uses, and flows that write to them. */
export class TargetBench {
  readonly options: TargetConformanceOptions;
  readonly samples: RowSamples;
  readonly flows: TargetFlows;
  readonly #places: ConformancePlaces;
  readonly #backends: TargetBackend[] = [];

  private constructor(options: TargetConformanceOptions) {
    this.options = options;
    this.samples = new RowSamples({
      schema: new RowSchema(options.key, options.value),
      given: options.rows ?? [],
      numberedKey: options.numberedKey ?? null,
    });
    this.#places = new ConformancePlaces();
    this.flows = new TargetFlows(this.#places.appDirectory, this.callTimeoutMs);
  }

  static async with(
    options: TargetConformanceOptions,
    check: (bench: TargetBench) => Promise<void>,
  ): Promise<void> {
    const bench = new TargetBench(options);
    await cleanedUp(
      () => check(bench),
      () => bench.#dispose(),
    );
  }

  get callTimeoutMs(): number {
    return this.options.callTimeoutMs ?? 30_000;
  }

  get manyRows(): number {
    return this.options.manyRows ?? 2_000;
  }

  get seed(): number {
    return this.options.seed ?? 1;
  }

  /** A backend at a place of its own, which is not there yet. */
  async backend(): Promise<TargetBackend> {
    const place = this.#places.next();
    return this.#keep(place, (await this.options.target(place)) as AnyTargetUse, {});
  }

  /** The same backend as a change leaves it. */
  async changed(backend: TargetBackend, change: TargetChange): Promise<TargetBackend> {
    const { place } = backend;
    const use = change.target ? ((await change.target(place)) as AnyTargetUse) : backend.use;
    return this.#keep(place, use, change);
  }

  #keep(place: ConformancePlace, use: AnyTargetUse, change: Partial<TargetChange>): TargetBackend {
    const { options } = this;
    const reader = change.readBack ? (change as Required<typeof change>) : options;
    const backend = new TargetBackend({
      place,
      use,
      samples: change.value || change.rows ? this.#samplesOf(change) : this.samples,
      indexes: indexesOf(change.indexes ?? options.indexes),
      attachments: (change.attachments ?? options.attachments ?? []) as readonly Json[],
      callTimeoutMs: this.callTimeoutMs,
      outside: async () => (await reader.readBack(place)) as readonly ForeignRow[] | null,
    });
    this.#backends.push(backend);
    return backend;
  }

  #samplesOf({ value, rows = [] }: Partial<TargetChange>): RowSamples {
    const schema = new RowSchema(this.options.key, value ?? this.options.value);
    return new RowSamples({ schema, given: rows, numberedKey: this.options.numberedKey ?? null });
  }

  async #dispose(): Promise<void> {
    this.flows.dispose();
    for (const backend of this.#backends) await backend.dispose();
    await this.#places.dispose((place) => this.options.cleanUp?.(place));
  }
}

function indexesOf(given: Partial<TargetIndexes> = {}): TargetIndexes {
  return { vector: given.vector ?? [], fts: given.fts ?? [] };
}
