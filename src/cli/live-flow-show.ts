import type { HeldDeletions, LiveStats, Report, UpdateInfo } from "../app/events.ts";
import { messageOf } from "../errors/index.ts";
import { approvalCommand, commandFor, type NamedFlow, withLiveApproval } from "./approval-command.ts";
import { counted, formatSpan } from "./format-number.ts";
import { LiveJson } from "./live-json.ts";
import { changesText, LiveLog } from "./live-log.ts";
import { LiveModel, type LiveView } from "./live-model.ts";
import { renderNotice } from "./render-notice.ts";
import { renderFailures, renderHeld, renderLived, renderSummary } from "./render-summary.ts";
import type { Terminal } from "./terminal.ts";
import { isInterruption, type Outcome, showOutcome } from "./update-outcome.ts";

export interface LiveShowOptions {
  readonly terminal: Terminal;
  /** Only what goes wrong. */
  readonly quiet: boolean;
  readonly json: boolean;
  /** Aborted when the flows are to stop. */
  readonly signal: AbortSignal;
}

/** One flow that is live, as it is shown. */
export class LiveFlowShow {
  readonly #named: NamedFlow;
  readonly #options: LiveShowOptions;
  /** For the block of a terminal; a log takes its place where there is none. */
  readonly #model: LiveModel | null;
  readonly #log: LiveLog | null;
  readonly #json: LiveJson | null;
  #stats: (() => LiveStats) | null = null;
  #isCaughtUp = false;
  #ended: { readonly message: string | null } | null = null;
  #isChanged = true;

  constructor(named: NamedFlow, options: LiveShowOptions) {
    const { flow } = named;
    const now = Date.now();
    const approvalOf = (rows: number) => approvalCommand(rows, named);
    const failuresCommand = commandFor("failures", named);
    const isDrawn = options.terminal.display !== null && !options.quiet;
    this.#named = named;
    this.#options = options;
    this.#model = isDrawn ? new LiveModel({ flow, approvalOf, failuresCommand }, now) : null;
    this.#log = isDrawn ? null : new LiveLog({ flow, quiet: options.quiet, approvalOf, failuresCommand });
    this.#json = options.json ? new LiveJson({ flow, approve: this.#approve }) : null;
    this.#tell(this.#log?.say("started", now));
  }

  /** Says where the stats come from. */
  follow(stats: () => LiveStats): void {
    this.#stats = stats;
  }

  readonly report: Report = (event) => {
    const now = Date.now();
    this.#isChanged = true;
    this.#print(this.#json?.apply(event, now));
    this.#tell(this.#log?.apply(event, now));
    const isNews = this.#model?.apply(event, now) ?? false;
    if (isNews && event.kind === "deletions-held" && this.#isCaughtUp)
      this.#tell(renderHeld(this.#named.flow, this.#approve(event), this.#options.terminal.errStyle));
    // Above the block, to stay there; a log has it among its lines.
    if (event.kind === "notice" && this.#model) {
      const { errStyle, errColumns } = this.#options.terminal;
      this.#tell(renderNotice(event, errStyle, errColumns));
    }
    if (event.kind === "caught-up") this.#catchUp(event.info);
  };

  /** To be called every second or so. */
  tick(): void {
    if (this.#ended) return;
    const now = Date.now();
    this.#print(this.#json?.tick(now));
    this.#tell(this.#log?.tick(now));
  }

  stopping(): void {
    if (!this.#ended) this.#tell(this.#log?.say("stopping", Date.now()));
  }

  /** Whether something happened since this was asked last. */
  takeChanged(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  /** None where there is nothing to draw. */
  view(now: number): readonly LiveView[] {
    const model = this.#model;
    if (model === null || this.#ended?.message === null) return [];
    const stats = this.#stats?.();
    if (stats) model.observe(stats, now);
    return [{ ...model.view(now), ended: this.#ended?.message ?? null }];
  }

  end(outcome: Outcome): void {
    const now = Date.now();
    const { signal } = this.#options;
    const { info } = outcome;
    const isStopped = signal.aborted && (info !== undefined || isInterruption(outcome.error));
    this.#isChanged = true;
    this.#ended = { message: info || isStopped ? null : messageOf(outcome.error) };
    this.#tell(this.#log?.rest(now));
    if (isStopped) this.#endStopped(info ?? null, now);
    else if (info) this.#endByItself(outcome, info);
    else {
      this.#tell(this.#log?.say("ended by an error", now));
      showOutcome(outcome, this.#options, this.#options);
    }
    const end = info
      ? { ok: info.ok, stopped: isStopped, info }
      : { ok: false as const, stopped: isStopped, error: outcome.error };
    this.#print(this.#json && [this.#json.end(end, now)]);
  }

  /** The summary of the first pass, above the block. What ends with it is shown at its end. */
  #catchUp(info: UpdateInfo): void {
    const sources = Object.values(this.#stats?.().sources ?? {});
    if (sources.every(({ state }) => state === "ended")) return;
    this.#isCaughtUp = true;
    if (!this.#model) return;
    const held = info.held.map(this.#approve);
    this.#tell(renderFailures({ ...info, held }, this.#options.terminal.errStyle));
    this.#summarise(renderSummary, info);
  }

  #endStopped(info: UpdateInfo | null, now: number): void {
    const { flow } = this.#named;
    const failing = this.#failing();
    const failed = failing === 0 ? "" : `; ${counted(failing, "row")} failing`;
    const did = info ? ` after ${formatSpan(info.elapsedMs)}: ${changesText(info)}` : "";
    this.#tell(this.#log?.say(`stopped${did}${failed}`, now));
    if (!this.#model) return;
    if (info && this.#isCaughtUp) this.#summarise(renderLived, info);
    this.#tell([`${flow}: stopped${failed}; run the command again to go on`]);
  }

  #endByItself(outcome: Outcome, info: UpdateInfo): void {
    // A log has told the failures as they came.
    if (this.#log) this.#summarise(renderSummary, info);
    else if (!this.#isCaughtUp) showOutcome(outcome, this.#options, this.#options);
    if (this.#options.quiet) return;
    const hint = this.#options.terminal.errStyle("cyan", "hint:");
    this.#tell([
      `${this.#named.flow}: there is nothing to follow: no source is watched or has a refreshInterval`,
      `${hint} Give addSource a refreshInterval, or localFiles watchChanges.`,
    ]);
  }

  #summarise(render: typeof renderSummary, info: UpdateInfo): void {
    const { terminal, quiet, json } = this.#options;
    if (quiet || json) return;
    for (const line of render(info, terminal.outStyle, terminal.columns)) terminal.print(line);
  }

  #failing(): number {
    const sources = Object.values(this.#stats?.().sources ?? {});
    return sources.reduce((sum, { failing }) => sum + failing, 0);
  }

  readonly #approve = (held: HeldDeletions): HeldDeletions => withLiveApproval(held, this.#named);

  #tell(lines: readonly string[] | null | undefined): void {
    for (const line of lines ?? []) this.#options.terminal.tell(line);
  }

  #print(lines: readonly string[] | null | undefined): void {
    for (const line of lines ?? []) this.#options.terminal.print(line);
  }
}
