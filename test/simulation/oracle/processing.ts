import { collectsOf } from "../flow-shape.ts";
import type { Claim, ModelRow, ModelState } from "../model/model-state.ts";

/** Which rows an update that takes the world from one state to another has a reason to look at. */
export class Processing {
  readonly #before: ModelState;
  readonly #after: ModelState;
  /** By row: backends where a key that it claims is claimed otherwise than before. */
  readonly #handedOver = new Map<string, Set<string>>();

  constructor(before: ModelState, after: ModelState) {
    this.#before = before;
    this.#after = after;
    for (const name of after.backends.keys()) this.#findHandOvers(name);
  }

  mayRead(name: string): boolean {
    const row = this.#after.rows.get(name);
    const was = this.#was(name);
    if (!row || !was) return true;
    return was.version !== row.version || this.#staleBackends(row).size > 0 || this.#handedOver.has(name);
  }

  /** A row that changes is looked at once, and once more for each backend where a key becomes its own at the end. */
  mostLooks(name: string): number {
    return 1 + (this.#handedOver.get(name)?.size ?? 0);
  }

  /** The collectors whose entries of this row may be made again. */
  collectorsOf(row: ModelRow): Set<string> {
    const was = this.#was(row.name);
    const all = !was || was.content !== row.content || this.#handedOver.has(row.name);
    const fed = new Set(collectsOf(row.source.body).map(({ collect }) => collect));
    const stale = this.#staleBackends(row);
    return new Set(
      [...this.#after.backends].flatMap(([name, { shape }]) =>
        fed.has(shape.collector) && (all || stale.has(name)) ? [shape.collector] : [],
      ),
    );
  }

  /** What the row was: under its source's former name, where that was renamed. */
  #was(name: string): ModelRow | undefined {
    return this.#before.rows.get(this.#formerName(name));
  }

  #formerName(name: string): string {
    const source = this.#after.rows.get(name)?.source;
    if (!source || this.#before.logic.has(source.name) || source.renamedFrom === undefined) return name;
    return `${source.renamedFrom}${name.slice(source.name.length)}`;
  }

  #staleBackends({ source }: ModelRow): Set<string> {
    const former = this.#before.logic.has(source.name) ? source.name : (source.renamedFrom ?? source.name);
    const [was, is] = [this.#before.logic.get(former), this.#after.logic.get(source.name)!];
    const names = new Set([...(was?.keys() ?? []), ...is.keys()]);
    return new Set([...names].filter((name) => was?.get(name) !== is.get(name)));
  }

  #findHandOvers(backend: string): void {
    const was = this.#before.backends.get(backend);
    const is = this.#after.backends.get(backend)!;
    for (const [key, claims] of is.claims) {
      const before = was?.claims.get(key) ?? [];
      const rows = new Set([
        ...before.map(({ row }) => row),
        ...claims.map(({ row }) => this.#formerName(row)),
      ]);
      if (rows.size < 2 || sameOrder(before, claims, (row) => this.#formerName(row))) continue;
      for (const { row } of claims) {
        const backends = this.#handedOver.get(row) ?? new Set();
        this.#handedOver.set(row, backends.add(backend));
      }
    }
  }
}

function sameOrder(
  before: readonly Claim[],
  after: readonly Claim[],
  formerName: (row: string) => string,
): boolean {
  const former = after.map(({ row, value }) => `${formerName(row)} ${value}`);
  return former.join("\n") === before.map(({ row, value }) => `${row} ${value}`).join("\n");
}
