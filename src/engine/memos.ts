import type { Report } from "../contracts/events.ts";
import type { MemoWrite, StateStore } from "../contracts/state-store.ts";
import { type Deferred, deferred, type Receiver } from "../kernel/deferred.ts";
import type { Fingerprint, ValueCodec } from "../values/index.ts";

/** One call that may be remembered. */
export interface MemoCall {
  /** The function's name. */
  readonly name: string;
  readonly codec: ValueCodec;
  /** Makes the call; what comes of it goes to the receiver. */
  compute(result: Receiver<unknown>): void;
}

export interface MemosOptions {
  readonly read: StateStore["readMemos"];
  /** Takes a result that is to be stored; null where results are only read. `stored` is called once it is durable. */
  readonly keep: ((memo: MemoWrite, stored: () => void) => void) | null;
  readonly report: Report;
  /** Whether to compute anew what the store already has. */
  ignoreStored(): boolean;
}

/** A call whose result is not known yet. */
interface Asked {
  readonly memo: Fingerprint;
  readonly call: MemoCall;
  readonly result: Deferred<unknown>;
}

/**
 * The results of cached calls. A call whose result is stored, or under way in this pass, is not made again; a
 * call that fails is not remembered.
 */
export class Memos {
  readonly #options: MemosOptions;
  /** Calls under way, and results that are not durable yet. */
  readonly #fresh = new Map<Fingerprint, Promise<unknown>>();
  /** Where stored results are ignored: what this pass has computed anew. */
  readonly #renewed = new Set<Fingerprint>();
  /** What was asked for in this turn of the event loop's microtasks: the store is asked once for all of it. */
  #asked: Asked[] = [];

  constructor(options: MemosOptions) {
    this.#options = options;
  }

  remember(memo: Fingerprint, call: MemoCall): Promise<unknown> {
    const fresh = this.#fresh.get(memo);
    if (fresh !== undefined) {
      this.#options.report({ kind: "memo-hit", function: call.name });
      return fresh;
    }
    const result = deferred<unknown>();
    this.#fresh.set(memo, result.promise);
    if (this.#asked.push({ memo, call, result }) === 1) queueMicrotask(() => this.#answer());
    return result.promise;
  }

  /** Answers what was asked for: from the store, or by calling. */
  #answer(): void {
    const asked = this.#asked;
    this.#asked = [];
    if (!this.#options.ignoreStored()) {
      this.#renewed.clear();
      void this.#answerFromStore(asked);
      return;
    }
    const isRenewed = ({ memo }: Asked) => this.#renewed.has(memo);
    const renewed = asked.filter(isRenewed);
    if (renewed.length > 0) void this.#answerFromStore(renewed);
    for (const one of asked) if (!isRenewed(one)) this.#compute(one);
  }

  async #answerFromStore(asked: readonly Asked[]): Promise<void> {
    let results: readonly (Uint8Array | null)[];
    try {
      results = await this.#options.read(asked.map(({ memo }) => memo));
    } catch (thrown) {
      for (const one of asked) this.#fail(one, thrown);
      return;
    }
    for (let i = 0; i < asked.length; i++) {
      const stored = results[i]!;
      if (stored === null) this.#compute(asked[i]!);
      else this.#recall(asked[i]!, stored);
    }
  }

  #recall(asked: Asked, stored: Uint8Array): void {
    const { memo, call, result } = asked;
    try {
      const value = call.codec.decode(stored);
      this.#options.report({ kind: "memo-hit", function: call.name });
      this.#fresh.delete(memo);
      result.resolve(value);
    } catch (thrown) {
      this.#fail(asked, thrown);
    }
  }

  #compute(asked: Asked): void {
    asked.call.compute({
      resolve: (value) => this.#keep(asked, value),
      reject: (thrown) => this.#fail(asked, thrown),
    });
  }

  #keep(asked: Asked, value: unknown): void {
    const { memo, call, result } = asked;
    const { keep, ignoreStored } = this.#options;
    try {
      if (ignoreStored()) this.#renewed.add(memo);
      if (keep) keep({ fingerprint: memo, result: call.codec.encode(value) }, () => this.#fresh.delete(memo));
      else this.#fresh.delete(memo);
      result.resolve(value);
    } catch (thrown) {
      this.#fail(asked, thrown);
    }
  }

  #fail({ memo, result }: Asked, thrown: unknown): void {
    this.#fresh.delete(memo);
    result.reject(thrown);
  }
}
