import type { Draw } from "../generate/draw.ts";
import type { Carries, Telling } from "./live-round.ts";

export interface ToTell {
  readonly source: string;
  /** Which edits of the incident are the source's. */
  readonly edits: readonly number[];
  /** It is listed now and then: what nobody tells of is found. */
  readonly mayLose: boolean;
}

/** How a source tells of changes: each by itself or together, late, twice, out of order; or that it has lost some. */
export function generateTellings(draw: Draw, { source, edits, mayLose }: ToTell): Telling[] {
  const carries = draw.weighted<Carries>({ key: 3, version: 3, value: 3, "former value": 2 });
  const acknowledge = draw.pick(["not", "plain", "plain", "slowly", "throws"] as const);
  const common = { source, carries, acknowledge };
  const afterMs = delay(draw);
  const weights = { each: 4, together: 3, shuffled: 3, late: 2, twice: 2, missed: 1, lost: mayLose ? 2 : 0 };
  switch (draw.weighted(weights)) {
    case "each":
      return edits.map((edit, i) => ({ ...common, afterMs: afterMs + i, edits: [edit] }));
    case "together":
      return [{ ...common, afterMs, edits }];
    case "shuffled":
      return draw.shuffled(edits).map((edit) => ({ ...common, afterMs: delay(draw), edits: [edit] }));
    case "late":
      return [{ ...common, afterMs: draw.between(1_000, 300_000), edits }];
    case "twice":
      return [
        { ...common, afterMs, edits },
        { ...common, afterMs: afterMs + delay(draw), edits: draw.shuffled(edits) },
      ];
    case "missed":
      return [{ ...common, afterMs: afterMs + 1, edits: [], missed: true }];
    case "lost":
      return [];
  }
}

function delay(draw: Draw): number {
  return draw.pick([0, 0, 0, 1, draw.between(2, 50), draw.between(50, 5_000)]);
}
