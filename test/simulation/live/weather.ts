import type { Fault, PortName } from "../case.ts";
import type { Obstacles } from "../world/ports.ts";
import type { Weather } from "./live-round.ts";

interface Spell extends Weather {
  readonly until: number;
  calls: number;
}

/** What goes wrong at the time: spells of it, each of one port. */
export class Skies {
  readonly #now: () => number;
  #spells: Spell[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(weather: Weather): void {
    this.#spells.push({ ...weather, until: this.#now() + weather.forMs, calls: 0 });
  }

  clear(): void {
    this.#spells = [];
  }

  readonly faultAt: Obstacles["faultAt"] = (port: PortName, nth: number): Fault | null => {
    if (this.#spells.length === 0) return null;
    const now = this.#now();
    this.#spells = this.#spells.filter(({ until }) => until > now);
    const spell = this.#spells.find((one) => one.port === port && ++one.calls % one.every === 0);
    if (!spell) return null;
    const { how, part } = spell;
    // A process ends once.
    if (how === "ends" || how === "ends-after") this.#spells.splice(this.#spells.indexOf(spell), 1);
    return { port, nth, how, ...(part === undefined ? {} : { part }) };
  };
}
