import type { Fault, FaultKind, PortName } from "../case.ts";
import type { Draw } from "./draw.ts";

type Weights = { readonly [K in FaultKind]?: number };

/** How often each port fails, in which of its first calls, and how. */
const ports: Readonly<
  Record<PortName, { readonly weight: number; readonly most: number; readonly how: Weights }>
> = {
  "store.write": {
    weight: 5,
    most: 9,
    how: { fails: 2, "fails-after": 2, ends: 3, "ends-after": 3, slow: 0.3 },
  },
  "store.read": { weight: 2, most: 12, how: { fails: 2, ends: 1, slow: 0.5 } },
  open: { weight: 0.5, most: 2, how: { fails: 2, ends: 1 } },
  list: {
    weight: 3,
    most: 3,
    how: { fails: 1, partly: 3, incomplete: 3, ends: 0.5, "ends-after": 1, stops: 1 },
  },
  get: {
    weight: 2,
    most: 8,
    how: { fails: 3, busy: 2, ends: 1, "ends-after": 1, slow: 1, stops: 1, ahead: 2 },
  },
  call: {
    weight: 3,
    most: 10,
    how: { fails: 4, busy: 2, "fails-after": 1, ends: 1, "ends-after": 1, slow: 1, stops: 1 },
  },
  prepare: { weight: 0.7, most: 2, how: { fails: 1, busy: 1, ends: 1, slow: 0.5 } },
  mutate: {
    weight: 6,
    most: 6,
    how: {
      fails: 2,
      "fails-after": 3,
      partly: 3,
      unavailable: 2,
      busy: 1,
      hangs: 1,
      ends: 2,
      "ends-after": 3,
      slow: 0.5,
      stops: 1,
    },
  },
  setup: { weight: 1.5, most: 4, how: { fails: 2, "fails-after": 2, ends: 2, "ends-after": 2 } },
};

const portWeights = Object.fromEntries(
  Object.entries(ports).map(([name, { weight }]) => [name, weight]),
) as Readonly<Record<PortName, number>>;

const withPart: ReadonlySet<FaultKind> = new Set(["partly", "incomplete", "hangs", "ends-after"]);

/** One to three faults; where processes are really killed, most of them are ends. */
export function generateFaults(draw: Draw, kills: boolean): Fault[] {
  return Array.from({ length: Number(draw.weighted({ "1": 6, "2": 3, "3": 1 })) }, () => {
    const port = draw.weighted(portWeights);
    const { most, how: weights } = ports[port];
    const how =
      kills && draw.chance(0.6)
        ? draw.pick(["ends", "ends-after"] as const)
        : draw.weighted(weights as Readonly<Record<FaultKind, number>>);
    const times = timesOf(draw, how);
    return {
      port,
      nth: 1 + Math.min(draw.below(most), draw.below(most)),
      ...(times > 1 ? { times } : {}),
      how,
      ...(withPart.has(how) && (how !== "ends-after" || draw.chance(0.5)) ? { part: draw.below(4) } : {}),
    };
  });
}

function timesOf(draw: Draw, how: FaultKind): number {
  if (how === "ahead") return draw.pick([1, 1, 1000]);
  if (how === "busy") return draw.pick([1, 2, 5]);
  if (how === "unavailable") return draw.pick([1, 1000]);
  return how === "fails" || how === "fails-after" || how === "partly" ? draw.pick([1, 1, 1, 3, 1000]) : 1;
}
