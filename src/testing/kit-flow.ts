import { defineFlow } from "../app/define-flow.ts";
import { Flow } from "../app/flow.ts";
import { type Settings, settingsFor } from "../app/settings.ts";
import type { StateStore } from "../contracts/state-store.ts";

export interface KitFlowOptions {
  readonly name: string;
  readonly appDirectory: string;
  readonly store: StateStore;
  readonly callTimeoutMs: number;
}

type FlowBody = Parameters<typeof defineFlow<void>>[1];

/** A flow with settings of its own: a kit neither reads nor changes what the process is configured with. */
export class KitFlow extends Flow {
  readonly #settings: Settings;

  private constructor(defined: Flow, { appDirectory, store, callTimeoutMs }: KitFlowOptions) {
    super(defined.plan, appDirectory, () => defined.close());
    const mutateTimeoutMs = callTimeoutMs;
    this.#settings = { ...settingsFor(appDirectory), appDirectory, store, mutateTimeoutMs, appNamespace: "" };
  }

  static define(options: KitFlowOptions, body: FlowBody): KitFlow {
    return new KitFlow(defineFlow(options.name, body), options);
  }

  override get settings(): Settings {
    return this.#settings;
  }
}
