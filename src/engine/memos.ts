import type { Report } from "../contracts/events.ts";
import type { MemoWrite, StateStore } from "../contracts/state-store.ts";
import { chain, isPromise, type MaybePromise } from "../kernel/maybe-promise.ts";
import type { Fingerprint, ValueCodec } from "../values/index.ts";

/** One call that may be remembered. */
export interface MemoCall {
  /** The function's name. */
  readonly name: string;
  readonly codec: ValueCodec;
  compute(): MaybePromise<unknown>;
}

export interface MemosOptions {
  readonly read: StateStore["readMemos"];
  /** Takes a result that is to be stored; null where results are only read. `stored` is called once it is durable. */
  readonly keep: ((memo: MemoWrite, stored: () => void) => void) | null;
  readonly report: Report;
  /** Whether to compute anew what the store already has. */
  ignoreStored(): boolean;
}

/**
 * The results of cached calls. A call whose result is stored, or under way in this pass, is not made again; a
 * call that fails is not remembered.
 */
export class Memos {
  readonly #options: MemosOptions;
  /** Calls under way, and results that are not durable yet. */
  readonly #fresh = new Map<Fingerprint, MaybePromise<unknown>>();
  /** Where stored results are ignored: what this pass has computed anew. */
  readonly #renewed = new Set<Fingerprint>();

  constructor(options: MemosOptions) {
    this.#options = options;
  }

  remember(memo: Fingerprint, call: MemoCall): MaybePromise<unknown> {
    const fresh = this.#fresh.get(memo);
    if (fresh !== undefined) {
      this.#options.report({ kind: "memo-hit", function: call.name });
      return fresh;
    }
    const result = this.#readOrCompute(memo, call);
    if (isPromise(result)) {
      this.#fresh.set(memo, result);
      result.catch(() => this.#fresh.delete(memo));
    }
    return result;
  }

  async #readOrCompute(memo: Fingerprint, call: MemoCall): Promise<unknown> {
    const { report } = this.#options;
    const ignoreStored = this.#options.ignoreStored();
    if (!ignoreStored) this.#renewed.clear();
    if (!ignoreStored || this.#renewed.has(memo)) {
      const [stored] = await this.#options.read([memo]);
      if (stored) {
        report({ kind: "memo-hit", function: call.name });
        this.#fresh.delete(memo);
        return call.codec.decode(stored);
      }
    }
    return chain(call.compute(), (value) => {
      this.#keep(memo, call, value);
      return value;
    });
  }

  #keep(memo: Fingerprint, call: MemoCall, value: unknown): void {
    if (this.#options.ignoreStored()) this.#renewed.add(memo);
    const { keep } = this.#options;
    if (keep) keep({ fingerprint: memo, result: call.codec.encode(value) }, () => this.#fresh.delete(memo));
    else this.#fresh.delete(memo);
  }
}
