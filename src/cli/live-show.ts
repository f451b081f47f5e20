import type { NamedFlow } from "./approval-command.ts";
import { LiveBlock } from "./live-block.ts";
import { LiveFlowShow, type LiveShowOptions } from "./live-flow-show.ts";
import { renderLive } from "./render-live.ts";

/** How often counts are told that have changed. */
const tickMs = 1_000;

/** Shows flows that are live: as one block on a terminal, else as a log; and as JSON where that is asked for. */
export class LiveShow {
  readonly #options: LiveShowOptions;
  readonly #flows: LiveFlowShow[] = [];
  readonly #block: LiveBlock | null;
  readonly #timer: NodeJS.Timeout;
  #drawn: { readonly lines: string[]; readonly columns: number; readonly rows: number; second: number } = {
    lines: [],
    columns: 0,
    rows: 0,
    second: 0,
  };

  constructor(options: LiveShowOptions) {
    const { display } = options.terminal;
    this.#options = options;
    this.#block =
      display && !options.quiet
        ? new LiveBlock(display, (columns, rows) => this.#lines(columns, rows))
        : null;
    this.#timer = setInterval(() => {
      for (const flow of this.#flows) flow.tick();
    }, tickMs);
    this.#timer.unref();
    options.signal.addEventListener("abort", this.#stopping, { once: true });
  }

  flow(named: NamedFlow): LiveFlowShow {
    const flow = new LiveFlowShow(named, this.#options);
    this.#flows.push(flow);
    return flow;
  }

  close(): void {
    this.#block?.close();
    clearInterval(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#stopping);
  }

  readonly #stopping = (): void => {
    for (const flow of this.#flows) flow.stopping();
  };

  /** The lines of a while ago, where nothing has happened: a display that stands for weeks must cost nothing. */
  #lines(columns: number, rows: number): string[] {
    const now = Date.now();
    const second = Math.floor(now / 1_000);
    const known = this.#drawn;
    const isChanged = this.#flows.map((flow) => flow.takeChanged()).includes(true);
    const isSame = columns === known.columns && rows === known.rows && second === known.second;
    if (isSame && !isChanged) return known.lines;
    const views = this.#flows.flatMap((flow) => flow.view(now));
    const lines = renderLive(views, { columns, rows, now, style: this.#options.terminal.errStyle });
    this.#drawn = { lines, columns, rows, second };
    return lines;
  }
}
