import type { LiveUpdater } from "../app/live-updater.ts";
import type { EngineEvent, UpdateInfo } from "../contracts/events.ts";
import { messageOf } from "../errors/index.ts";
import { broken } from "./conformance-suite.ts";
import { Happenings } from "./happenings.ts";
import type { KitFlow } from "./kit-flow.ts";
import { withinTime } from "./within-time.ts";

/** A live update of a kit's flow. */
export class LiveFlow {
  readonly #updater: LiveUpdater;
  readonly #happenings = new Happenings();
  /** What it said of changes that it is not told, and of what failed. */
  readonly #remarks = new Set<string>();
  #isCaughtUp = false;
  #isOver = false;

  constructor(flow: KitFlow) {
    this.#updater = flow.liveUpdate({ allowDeletions: true, report: (event) => this.#hear(event) });
    void this.#updater
      .wait()
      .catch((thrown: unknown) => this.#remarks.add(messageOf(thrown)))
      .finally(() => {
        this.#isOver = true;
        this.#happenings.happened();
      });
  }

  /** Resolves when it has passed over the source and follows its changes. */
  async caughtUp(ms: number): Promise<void> {
    await this.until("a live update did not come to follow the source", () => this.#isCaughtUp, ms);
  }

  /** Resolves once a condition holds; fails, saying what is lacking, when it ends first or takes too long. */
  async until(lack: string | (() => string), holds: () => boolean, ms: number): Promise<void> {
    await this.#happenings.until(() => holds() || this.#isOver, ms);
    if (holds()) return;
    const how = this.#isOver ? ", and the live update has ended" : ` within ${ms} ms`;
    const text = typeof lack === "string" ? lack : lack();
    broken([`${text}${how}`, ...[...this.#remarks].slice(0, 2)].join("; "));
  }

  /** Stops it; resolves to what it did. */
  async stop(ms: number): Promise<UpdateInfo> {
    return withinTime("a live update that was stopped", ms, async () => {
      await this.#updater.abort();
      return this.#updater.wait();
    });
  }

  #hear(event: EngineEvent): void {
    if (event.kind === "caught-up") this.#isCaughtUp = true;
    if ("error" in event && event.error) this.#remarks.add(event.error.message);
    this.#happenings.happened();
  }
}
