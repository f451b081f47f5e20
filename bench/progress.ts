/** Says on stderr which of so many steps is under way, and since when. */
export class Progress {
  readonly #began = performance.now();
  readonly #steps: number;
  #step = 0;

  constructor(steps: number) {
    this.#steps = steps;
  }

  begin(what: string): void {
    this.#say(`${++this.#step} of ${this.#steps}: ${what}`);
  }

  /** A part of the step is done. */
  done(what: string): void {
    this.#say(`  ${what}`);
  }

  #say(what: string): void {
    const seconds = Math.round((performance.now() - this.#began) / 1_000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    process.stderr.write(`[${time}] ${what}\n`);
  }
}
