import { isPromise } from "./maybe-promise.ts";
import { onAbort } from "./on-abort.ts";

/**
 * A signal that aborts with another one, made when it is first asked for. Those who are given it may leave listeners
 * on it: they go with it, while one that lives for weeks would keep them all.
 */
export class LentSignal {
  readonly #lender: AbortSignal;
  #own: AbortController | null = null;
  #forget: () => void = () => {};
  #isBack = false;

  constructor(lender: AbortSignal) {
    this.#lender = lender;
  }

  get signal(): AbortSignal {
    if (this.#isBack) return this.#lender;
    if (this.#own === null) {
      const own = new AbortController();
      this.#own = own;
      this.#forget = onAbort(this.#lender, () => own.abort(this.#lender.reason));
    }
    return this.#own.signal;
  }

  /** Does what it is lent for, and takes it back once that is over. */
  during<T>(work: () => T): T {
    const giveBack = () => this.giveBack();
    try {
      const result = work();
      if (isPromise(result)) result.then(giveBack, giveBack);
      else giveBack();
      return result;
    } catch (thrown) {
      giveBack();
      throw thrown;
    }
  }

  giveBack(): void {
    this.#isBack = true;
    this.#forget();
  }
}
