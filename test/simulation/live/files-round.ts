import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localFiles } from "../../../src/connectors/local-files/index.ts";
import { configure, defineFlow, type Flow, type LiveUpdater } from "../../../src/index.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { MemoryState, openMemoryStore } from "../../../src/stores/memory/index.ts";
import { Draw } from "../generate/draw.ts";
import { type Problem, problem } from "../oracle/problem.ts";
import { Backends } from "../world/backends.ts";
import { faultyStore } from "../world/faulty-store.ts";
import { Ports } from "../world/ports.ts";
import { simulatedTargets } from "../world/simulated-target.ts";
import { Work } from "../world/work.ts";
import { editFolder, readFolder } from "./edit-folder.ts";
import { Leaks } from "./leaks.ts";
import { Skies } from "./weather.ts";

/** How long the target may take until it is as the folder is. */
const longestMs = 30_000;
const lookMs = 20;

/** A folder of real files that is edited at random and followed in real time, with faults of its target and its store. */
export async function runFilesRound(seed: number): Promise<Problem | null> {
  const leaks = new Leaks();
  const round = new FilesRound(seed);
  try {
    return (await round.run()) ?? (await leaks.checkResources());
  } finally {
    await round.dispose();
  }
}

class FilesRound {
  readonly #draw: Draw;
  readonly #directory = realpathSync.native(mkdtempSync(join(tmpdir(), "sluice-soak-")));
  readonly #backends = new Backends();
  readonly #skies = new Skies(() => performance.now());
  readonly #ports: Ports;
  readonly #state = new MemoryState();
  #flow: Flow | null = null;
  #updater: LiveUpdater | null = null;
  #over = Promise.resolve();
  #thrown: unknown = null;
  #held = 0;

  constructor(seed: number) {
    this.#draw = new Draw(seed);
    this.#ports = new Ports({ jitter: 0, clock: systemClock, end: () => {} });
    this.#ports.begin({ faultAt: this.#skies.faultAt, stop: () => {} });
    mkdirSync(this.#root);
  }

  async run(): Promise<Problem | null> {
    const draw = this.#draw;
    await this.#start();
    for (let left = draw.between(10, 30); left > 0; left--) {
      const kind = draw.weighted({ edit: 20, pause: 8, weather: 2, stop: 2 });
      if (kind === "edit") for (let n = draw.between(1, 8); n > 0; n--) editFolder(this.#root, draw);
      else if (kind === "pause") await systemClock.sleep(draw.between(1, 120));
      else if (kind === "stop") await this.#stop();
      else this.#skies.begin({ port: "mutate", how: "unavailable", every: draw.pick([1, 3]), forMs: 300 });
      if (this.#isOver) await this.#start();
    }
    this.#skies.clear();
    const found = (await this.#reachRest()) ?? (await this.#doNothing());
    await this.#stop();
    return found ?? (this.#thrown ? problem("ended", String(this.#thrown)) : null);
  }

  async dispose(): Promise<void> {
    await this.#stop();
    rmSync(this.#directory, { recursive: true });
  }

  get #root(): string {
    return join(this.#directory, "files");
  }

  get #isOver(): boolean {
    return this.#updater === null;
  }

  async #start(): Promise<void> {
    const store = faultyStore(openMemoryStore({ state: this.#state }), this.#ports);
    configure({ appDirectory: this.#directory, clock: systemClock, store });
    const flow = this.#define();
    await flow.setup();
    const report = ({ kind }: { readonly kind: string }) => {
      if (kind === "deletions-held") this.#held++;
    };
    const updater = flow.liveUpdate({ report });
    [this.#flow, this.#updater] = [flow, updater];
    this.#over = updater.wait().then(
      () => {},
      (thrown: unknown) => {
        this.#thrown = thrown;
      },
    );
    await updater.start();
  }

  #define(): Flow {
    const targets = simulatedTargets(this.#backends, this.#ports);
    const target = { kind: "shelf", place: "north", edition: 0, format: 0, label: 0 } as const;
    return defineFlow("Folder", (builder) => {
      const out = builder.addCollector<{ name: string; text: string }>();
      builder
        .addSource("files", localFiles({ path: "files", watchChanges: true }))
        .forEachRow((file) => out.collect({ name: file.filename, text: file.content }));
      out.export("Out", targets(target) as never, { primaryKeyFields: ["name"] });
    });
  }

  async #stop(): Promise<void> {
    await this.#updater?.abort();
    await this.#over;
    this.#flow?.close();
    [this.#updater, this.#flow] = [null, null];
  }

  /** Until the target is as the folder is; where deletions are held they are approved, which lists the folder. */
  async #reachRest(): Promise<Problem | null> {
    const until = performance.now() + longestMs;
    for (let approved = 0; ; ) {
      const wrong = this.#whatIsWrong();
      // Held rows may never have reached the target, which is then as the folder is.
      if (wrong === null && this.#held === approved) return null;
      if (wrong !== null && performance.now() > until) return wrong;
      if (this.#held > approved) {
        approved = this.#held;
        await this.#flow!.update({ allowDeletions: true });
      } else await systemClock.sleep(lookMs);
    }
  }

  async #doNothing(): Promise<Problem | null> {
    // Rows that never reached the target may be held by the next listing, though the target is as the folder is.
    const { held } = await this.#flow!.update();
    if (held.length > 0) await this.#flow!.update({ allowDeletions: true });
    this.#ports.work = new Work();
    const info = await this.#flow!.update();
    const { mutates, writes } = this.#ports.work;
    if (!info.ok) return problem("not clean", "an update that was asked for at rest is not clean");
    if (mutates + writes.length === 0) return this.#whatIsWrong();
    return problem("further work", `an update that was asked for at rest wrote ${writes.length} rows`);
  }

  #whatIsWrong(): Problem | null {
    const [violation] = this.#ports.work.violations;
    if (violation !== undefined) return problem("violation", violation);
    const rows = this.#backends.all.get("shelf:north")!.rows;
    const there = new Map([...rows].map(([key, row]) => [JSON.parse(key).name, JSON.parse(row).text]));
    const wanted = readFolder(this.#root);
    for (const [name, text] of wanted)
      if (there.get(name) !== text)
        return problem("target", `${name} is ${there.get(name)}, and not ${text}`);
    for (const name of there.keys())
      if (!wanted.has(name)) return problem("target", `${name} is there still`);
    return null;
  }
}
