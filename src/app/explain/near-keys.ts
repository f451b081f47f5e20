import { editDistance } from "../../kernel/edit-distance.ts";

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
  #near: string[] = [];
  #distance: number;

  constructor(meant: string) {
    this.#meant = meant.toLowerCase();
    this.#distance = Math.max(2, Math.floor(meant.length / 3));
  }

  offer(key: string): void {
    const text = key.toLowerCase();
    if (this.#isAlike(text)) this.#alike.push(...(this.#alike.length < most ? [key] : []));
    else if (text.length <= longest) this.#compare(key, text);
  }

  get found(): readonly string[] {
    return this.#alike.length > 0 ? this.#alike : this.#near;
  }

  /** One within the other: a name for a path, a path from another directory. */
  #isAlike(text: string): boolean {
    const [shorter, longer] = text.length < this.#meant.length ? [text, this.#meant] : [this.#meant, text];
    return shorter.length >= shortest && longer.includes(shorter);
  }

  /** Only the nearest are kept. */
  #compare(key: string, text: string): void {
    if (Math.abs(text.length - this.#meant.length) > this.#distance) return;
    const distance = editDistance(this.#meant, text);
    if (distance > this.#distance) return;
    if (distance < this.#distance) this.#near = [];
    this.#distance = distance;
    if (this.#near.length < most) this.#near.push(key);
  }
}
