import { closestName } from "../../flow/index.ts";

/** How many keys are named as what may have been meant. */
const most = 3;
/** Shorter ones are in many others by chance. */
const shortest = 3;
/** Longer ones are compared by what they hold alone. */
const longest = 64;

/** Gathers, of keys that come by, those that were probably meant. */
export class NearKeys {
  readonly #meant: string;
  readonly #alike: string[] = [];
  readonly #near: string[] = [];

  constructor(meant: string) {
    this.#meant = meant.toLowerCase();
  }

  offer(key: string): void {
    if (this.#alike.length < most && this.#isAlike(key.toLowerCase())) this.#alike.push(key);
    else if (this.#near.length < most && this.#isNear(key)) this.#near.push(key);
  }

  get found(): readonly string[] {
    return [...this.#alike, ...this.#near].slice(0, most);
  }

  /** One within the other: a name for a path, a path from another directory. */
  #isAlike(key: string): boolean {
    const [shorter, longer] = key.length < this.#meant.length ? [key, this.#meant] : [this.#meant, key];
    return shorter.length >= shortest && longer.includes(shorter);
  }

  #isNear(key: string): boolean {
    const { length } = this.#meant;
    if (key.length > longest || Math.abs(key.length - length) > Math.max(2, length / 3)) return false;
    return closestName(this.#meant, [key]) !== null;
  }
}
