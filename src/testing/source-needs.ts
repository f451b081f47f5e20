import type { SourceUse } from "../contracts/source.ts";
import type { SourceNames, SourceSetupDefinition } from "../contracts/source-setup.ts";
import type { Json } from "../contracts/target.ts";
import type { ConformancePlace } from "./conformance-place.ts";
import { broken } from "./conformance-suite.ts";
import { brief } from "./row-schema.ts";
import { withinTime } from "./within-time.ts";

export interface SourceNeedsSettings {
  readonly use: SourceUse<unknown>;
  readonly place: ConformancePlace;
  readonly names: SourceNames;
  readonly callTimeoutMs: number;
}

/** What a source of some name needs beside its rows, as setup makes and removes it. */
export class SourceNeeds {
  readonly names: SourceNames;
  readonly #settings: SourceNeedsSettings;

  constructor(settings: SourceNeedsSettings) {
    this.#settings = settings;
    this.names = settings.names;
  }

  get setup(): SourceSetupDefinition {
    const { definition } = this.#settings.use;
    return definition.setup ?? broken("the kit was told that the source sets up, and it has no `setup`");
  }

  get key(): Json {
    return this.setup.getPersistentKey(this.#input());
  }

  get state(): Json {
    return this.setup.setupState(this.#input()) as Json;
  }

  /** Creates it. */
  create(): Promise<void> {
    return this.apply(null, this.state);
  }

  remove(): Promise<void> {
    return this.apply(this.state, null);
  }

  /** A change of its state, given what a record has of it. */
  async apply(previous: Json, current: Json): Promise<void> {
    const { callTimeoutMs, place } = this.#settings;
    const change = JSON.parse(JSON.stringify({ key: this.key, previous, current }));
    const context = { appDirectory: place.appDirectory, signal: new AbortController().signal };
    await withinTime(`applySetupChange from ${brief(previous)} to ${brief(current)}`, callTimeoutMs, () =>
      this.setup.applySetupChange(change, context),
    );
  }

  #input() {
    return { ...this.names, spec: this.#settings.use.spec };
  }
}
