import type { Clock } from "../../../kernel/clock.ts";

/** Told by a listing of a source that is watched meanwhile. */
export interface ListingObserver {
  began(): void;
  /** It has read the names in this directory, whose path ends with `/`: empty for the root. */
  entered(prefix: string): void;
  /** Whether or not it came to its end. */
  ended(): void;
}

/**
 * The directories that a listing has entered, until every hint at what befell before its end has been looked at.
 *
 * A directory may come, be listed, and be gone or another one before anybody has looked at it: then whoever listed the
 * source knows of files that the watched tree does not, and nothing will be told of them. So a name that is hinted at
 * while that may be so puts the listing in doubt.
 */
export class ListedDirectories implements ListingObserver {
  readonly #clock: Clock;
  readonly #whenOver: () => void;
  readonly #prefixes = new Set<string>();
  #began = 0;
  #isUnderWay = false;
  #over: object | null = null;
  #isInDoubt = false;

  constructor(clock: Clock, whenOver: () => void) {
    this.#clock = clock;
    this.#whenOver = whenOver;
  }

  /** What stands for the listing that has ended and has not been judged. */
  get over(): object | null {
    return this.#over;
  }

  /** It sees again whatever the one before has seen. */
  began(): void {
    this.#began = this.#clock.monotonic();
    this.#prefixes.clear();
    this.#isUnderWay = true;
    this.#over = null;
    this.#isInDoubt = false;
  }

  entered(prefix: string): void {
    if (this.#isUnderWay) this.#prefixes.add(prefix);
  }

  ended(): void {
    this.#isUnderWay = false;
    this.#over = {};
    this.#whenOver();
  }

  /** Somebody finds out what has become of a name. */
  lookedAt(path: string): void {
    if (this.#prefixes.has(`${path}/`)) this.#isInDoubt = true;
  }

  /** Ends the watching of a listing that is over. How long the listing took where it is in doubt; else null. */
  judge(): number | null {
    const tookMs = this.#isInDoubt ? this.#clock.monotonic() - this.#began : null;
    this.#prefixes.clear();
    this.#over = null;
    this.#isInDoubt = false;
    return tookMs;
  }
}
