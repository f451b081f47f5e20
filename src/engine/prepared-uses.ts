import type { AnyFunctionUse } from "../contracts/function.ts";
import type { MaybePromise } from "../kernel/maybe-promise.ts";

/** What `prepare` made; boxed, since it may be anything. */
export interface Prepared {
  readonly value: unknown;
}

/** What the calls of each use share: `prepare` runs once, before the first call, and again only where it failed. */
export class PreparedUses {
  readonly #byUse = new Map<AnyFunctionUse, MaybePromise<Prepared>>();

  of(use: AnyFunctionUse): MaybePromise<Prepared> {
    const known = this.#byUse.get(use);
    if (known !== undefined) return known;
    const prepared = this.#prepare(use);
    this.#byUse.set(use, prepared);
    return prepared;
  }

  #prepare(use: AnyFunctionUse): MaybePromise<Prepared> {
    const { definition, spec } = use;
    if (definition.prepare === null) return { value: spec };
    const preparing = Promise.resolve(definition.prepare(spec)).then((value) => {
      const prepared = { value };
      this.#byUse.set(use, prepared);
      return prepared;
    });
    preparing.catch(() => this.#byUse.delete(use));
    return preparing;
  }
}
