import type { Report } from "../app/events.ts";
import { LiveBlock } from "./live-block.ts";
import { ProgressModel } from "./progress-model.ts";
import { renderNotice } from "./render-notice.ts";
import type { Terminal } from "./terminal.ts";

/** How often a log without a terminal gets a line. */
const logIntervalMs = 5_000;

export interface Progress {
  readonly report: Report;
  /** Takes away what is drawn. */
  close(): void;
}

/** Shows an update as it goes: as a steady block on a terminal, else as a line now and then. */
export function showProgress(flow: string, terminal: Terminal): Progress {
  const model = new ProgressModel(flow, performance.now());
  const report: Report = (event) => {
    model.apply(event, performance.now());
    if (event.kind !== "notice") return;
    for (const line of renderNotice(event, terminal.errStyle, terminal.errColumns)) terminal.tell(line);
  };
  const { display, errStyle } = terminal;
  if (display) {
    const block = new LiveBlock(display, (columns) => model.lines(columns, performance.now(), errStyle));
    return { report, close: () => block.close() };
  }
  const timer = setInterval(() => terminal.tell(model.line(performance.now())), logIntervalMs);
  timer.unref();
  return { report, close: () => clearInterval(timer) };
}

export const noProgress: Progress = { report: () => {}, close: () => {} };
