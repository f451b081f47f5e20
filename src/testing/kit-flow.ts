import { randomBytes } from "node:crypto";
import { defineFlow } from "../app/define-flow.ts";
import { Flow } from "../app/flow.ts";
import { type Settings, settingsFor } from "../app/settings.ts";
import type { StateStore } from "../contracts/state-store.ts";
import type { Clock } from "../kernel/clock.ts";

export interface KitFlowOptions {
  readonly name: string;
  readonly appDirectory: string;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
}

/** A name that no flow of the process has. */
export function newFlowName(): string {
  return `Kit_${randomBytes(6).toString("hex")}`;
}

type FlowBody = Parameters<typeof defineFlow<void>>[1];

/** A flow with settings of its own: a kit neither reads nor changes what the process is configured with. */
export class KitFlow extends Flow {
  readonly #settings: Settings;

  private constructor(defined: Flow, { appDirectory, store, clock, callTimeoutMs }: KitFlowOptions) {
    super({ flow: defined.name, in: () => defined.plan }, appDirectory, () => defined.close());
    this.#settings = {
      ...settingsFor(appDirectory),
      appDirectory,
      store,
      clock,
      mutateTimeoutMs: callTimeoutMs,
      stopTimeoutMs: callTimeoutMs,
      appNamespace: "",
    };
  }

  static define(options: KitFlowOptions, body: FlowBody): KitFlow {
    return new KitFlow(defineFlow(options.name, body), options);
  }

  override get settings(): Settings {
    return this.#settings;
  }
}
