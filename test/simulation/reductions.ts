import type { Case, Edit, Fault, Step } from "./case.ts";
import { flowReductions } from "./flow-reductions.ts";
import type { FlowShape } from "./flow-shape.ts";

/** Smaller cases, in an order of which the first that still fails is taken. */
export type Reduction = (simulated: Case) => readonly Case[];

/** From what takes most away to what only makes things plainer. */
export const reductions: readonly Reduction[] = [
  withoutSteps,
  mergedSteps,
  withoutFaults,
  withoutFlowEdits,
  withoutEdits,
  withoutOptions,
  ...flowReductions.map(inEveryFlow),
  plainerFaults,
  plainerRows,
  plainerSettings,
];

function withSteps(simulated: Case, steps: readonly Step[]): Case {
  return { ...simulated, steps };
}

/** All ways to leave out a run of items: halves first, single ones last. */
function withoutRuns<T>(all: readonly T[]): T[][] {
  const left: T[][] = [];
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < all.length; at += size) left.push([...all.slice(0, at), ...all.slice(at + size)]);
  }
  return left;
}

function withoutSteps(simulated: Case): Case[] {
  return withoutRuns(simulated.steps)
    .filter((steps) => steps.length > 0)
    .map((steps) => withSteps(simulated, steps));
}

/** What a step changes is left to the next one. */
function mergedSteps(simulated: Case): Case[] {
  const { steps } = simulated;
  return steps.slice(1).map((next, i) => {
    const step = steps[i]!;
    const flow = next.flow ?? step.flow;
    const merged: Step = {
      ...next,
      ...(flow ? { flow } : {}),
      edits: [...(step.edits ?? []), ...(next.edits ?? [])],
    };
    return withSteps(simulated, [...steps.slice(0, i), merged, ...steps.slice(i + 2)]);
  });
}

/** Each step in turn, as each of these. */
function eachStep(simulated: Case, variants: (step: Step) => readonly Step[]): Case[] {
  return simulated.steps.flatMap((step, i) =>
    variants(step).map((variant) => withSteps(simulated, simulated.steps.with(i, variant))),
  );
}

function withoutFaults(simulated: Case): Case[] {
  return eachStep(simulated, ({ faults = [], ...step }) =>
    faults.length === 0
      ? []
      : [step, ...(faults.length > 1 ? withoutRuns(faults).map((left) => ({ ...step, faults: left })) : [])],
  );
}

function withoutFlowEdits(simulated: Case): Case[] {
  return simulated.steps.flatMap((step, i) => {
    if (!step.flow) return [];
    const { flow, ...others } = step;
    const before = flowBefore(simulated, i);
    const partly: FlowShape[] = [
      { ...flow, sources: before.sources },
      { ...flow, exports: before.exports },
      { ...flow, versions: before.versions },
    ].filter((one) => JSON.stringify(one) !== JSON.stringify(flow));
    return [others, ...partly.map((one) => ({ ...others, flow: one }))].map((one) =>
      withSteps(simulated, simulated.steps.with(i, one)),
    );
  });
}

function flowBefore({ flow, steps }: Case, index: number): FlowShape {
  return steps.slice(0, index).findLast((step) => step.flow)?.flow ?? flow;
}

function withoutEdits(simulated: Case): Case[] {
  return eachStep(simulated, ({ edits = [], ...step }) =>
    edits.length === 0 ? [] : [step, ...withoutRuns(edits).map((left) => ({ ...step, edits: left }))],
  );
}

function withoutOptions(simulated: Case): Case[] {
  return eachStep(simulated, (step) => {
    const { clockMs: _clock, ...atTime } = step;
    const { run: _run, ...updating } = step;
    return [...(step.clockMs ? [atTime] : []), ...(step.run ? [updating] : [])];
  });
}

/** The same change in every flow of the case, so that what stays the same in it goes on doing so. */
function inEveryFlow(
  variants: (flow: FlowShape, all: readonly FlowShape[]) => readonly ((flow: FlowShape) => FlowShape)[],
): Reduction {
  return (simulated) => {
    const all = [simulated.flow, ...simulated.steps.flatMap(({ flow }) => flow ?? [])];
    const edits = all.flatMap((flow) => variants(flow, all));
    const seen = new Set([JSON.stringify(simulated)]);
    return edits.flatMap((edit) => {
      const steps = simulated.steps.map((step) => (step.flow ? { ...step, flow: edit(step.flow) } : step));
      const candidate = { ...simulated, flow: edit(simulated.flow), steps };
      const text = JSON.stringify(candidate);
      if (seen.has(text)) return [];
      seen.add(text);
      return [candidate];
    });
  };
}

function plainerFaults(simulated: Case): Case[] {
  return eachStep(simulated, ({ faults = [], ...step }) =>
    faults.flatMap((fault, i) => plainer(fault).map((one) => ({ ...step, faults: faults.with(i, one) }))),
  );
}

function plainer(fault: Fault): Fault[] {
  const { times, part, ...once } = fault;
  return [
    ...(times === undefined ? [] : [{ ...once, ...(part === undefined ? {} : { part }) }]),
    ...(part ? [{ ...fault, part: part - 1 }] : []),
    ...(fault.nth > 1 ? [{ ...fault, nth: fault.nth - 1 }] : []),
    ...(fault.how === "ends-after" || fault.how === "fails-after" || fault.how === "partly"
      ? [{ ...once, how: "fails" as const }]
      : []),
  ];
}

function plainerRows(simulated: Case): Case[] {
  return eachStep(simulated, ({ edits = [], ...step }) =>
    edits.flatMap((edit, i) => plainerEdit(edit).map((one) => ({ ...step, edits: edits.with(i, one) }))),
  );
}

/** The version stays, so a case in which the same version comes back with another row is not made. */
function plainerEdit(edit: Edit): Edit[] {
  if ("remove" in edit) return [];
  const { row } = edit;
  const words = row.text.split(" ").filter((word) => word !== "");
  const texts = words.map((_word, i) => words.filter((_other, at) => at !== i).join(" "));
  return [
    ...texts.map((text) => ({ ...edit, row: { ...row, text } })),
    ...(row.note === null ? [] : [{ ...edit, row: { ...row, note: null } }]),
    ...(row.share === "s" ? [] : [{ ...edit, row: { ...row, share: "s" } }]),
  ];
}

function plainerSettings(simulated: Case): Case[] {
  const { books } = simulated;
  const used = new Set(
    [simulated.flow, ...simulated.steps.flatMap(({ flow }) => flow ?? [])].flatMap(({ sources }) =>
      sources.map(({ book }) => book),
    ),
  );
  const plain = { versions: "content", inline: false, ordered: true, repeats: false, page: 100 } as const;
  const withBook = (name: string, book: Partial<Case["books"][string]>): Case => ({
    ...simulated,
    books: { ...books, [name]: { ...books[name]!, ...book } },
  });
  const candidates: Case[] = [
    { ...simulated, store: "memory", kills: false },
    { ...simulated, kills: false },
    { ...simulated, concurrency: 1 },
    { ...simulated, jitter: 0 },
    { ...simulated, retentionMs: 7 * 24 * 60 * 60 * 1000 },
    { ...simulated, rebuild: false },
    { ...simulated, books: Object.fromEntries(Object.entries(books).filter(([name]) => used.has(name))) },
    ...Object.keys(books).flatMap((name) =>
      Object.entries(plain).map(([option, value]) => withBook(name, { [option]: value })),
    ),
  ];
  return candidates.filter((one) => JSON.stringify(one) !== JSON.stringify(simulated));
}
