import type { TargetId } from "../contracts/state-store.ts";
import { changesBetween, type KnownLogic, type LogicChange } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";
import type { Outlet } from "./source-logic.ts";
import type { TraceChange } from "./trace-record.ts";

/** What a row was made with for one target. */
export interface MadeWith {
  readonly target: TargetId;
  readonly logic: Fingerprint;
}

/** Tells what of the logic of one source differs from what its rows were made with. */
export class LogicHistory {
  readonly #known: ReadonlyMap<Fingerprint, KnownLogic>;
  readonly #outlets: readonly Outlet[];
  /** Rows that were made alike have the same changes. */
  readonly #changes = new Map<string, readonly TraceChange[]>();

  constructor(known: ReadonlyMap<Fingerprint, KnownLogic>, outlets: readonly Outlet[]) {
    this.#known = known;
    this.#outlets = outlets;
  }

  changesSince(made: readonly MadeWith[]): readonly TraceChange[] {
    const name = made.map(({ target, logic }) => `${target}:${logic}`).join();
    const changes = this.#changes.get(name) ?? this.#find(made);
    this.#changes.set(name, changes);
    return changes;
  }

  #find(made: readonly MadeWith[]): TraceChange[] {
    const before = new Map(made.map((each) => [each.target, each]));
    const changes: TraceChange[] = [];
    const taken = new Set<TargetId>();
    for (const outlet of this.#outlets) {
      const known = before.get(outlet.target) ?? this.#formerTarget(outlet, made);
      if (known) taken.add(known.target);
      changes.push(...placed(outlet.target, this.#changesTo(outlet, known)));
    }
    for (const { target } of made) {
      if (!taken.has(target)) changes.push({ part: "export-removed", name: "", target });
    }
    return changes;
  }

  #changesTo(outlet: Outlet, before: MadeWith | undefined): readonly LogicChange[] {
    if (!before) return [{ part: "export-added", name: "" }];
    if (before.logic === outlet.logic) return [];
    const [known, present] = [this.#known.get(before.logic), this.#known.get(outlet.logic)];
    if (!known || !present) return [{ part: "unknown", name: "" }];
    return changesBetween(known, present);
  }

  /** A target that was made anew has another id; its export has the name that it had. */
  #formerTarget({ logic }: Outlet, made: readonly MadeWith[]): MadeWith | undefined {
    const present = this.#known.get(logic);
    const isFed = (target: TargetId) => this.#outlets.some((outlet) => outlet.target === target);
    return made.find((former) => {
      const known = this.#known.get(former.logic);
      return known !== undefined && known.export === present?.export && !isFed(former.target);
    });
  }
}

function placed(target: TargetId, changes: readonly LogicChange[]): TraceChange[] {
  return changes.map((change) => ({ ...change, target }));
}
