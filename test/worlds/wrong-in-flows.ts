import { isForbidden } from "./warehouse.ts";
import { find, forgetful, insertsOnly, removesNothing, rewriting, type WrongTarget } from "./wrong-target.ts";

/** One for each rule that is about what a flow comes to. */
export const wrongInFlows: readonly WrongTarget[] = [
  {
    rule: "a first build writes every row",
    seen: /after a first build the backend lacks row/,
    faults: ({ mutate }) => ({
      mutate: (batches, context) =>
        mutate(
          batches.map(({ target, mutations }) => ({ target, mutations: mutations.slice(0, 10) })),
          context,
        ),
    }),
  },
  {
    rule: "an update without changes writes nothing",
    seen: /must be set up first: rewrite hall/,
    faults: ({ compare }) => ({
      compare: (previous, wanted) => (previous === wanted ? compare(previous, wanted) : "lossy"),
    }),
  },
  {
    rule: "an edit is written",
    seen: /after two edits and an insertion the backend holds row .*another value/,
    faults: rewriting((mutation, warehouse, hall) =>
      mutation.value !== null && find(warehouse, hall, mutation) ? null : mutation,
    ),
  },
  {
    rule: "a row that leaves its source leaves the target",
    seen: /after two rows left the source the backend holds row .*should not be there/,
    faults: rewriting((mutation) => (mutation.value === null ? null : mutation)),
  },
  {
    rule: "a write that landed and was reported as failed is written again",
    seen: /took back an edit that was reported as failed the backend holds row .*another value/,
    faults: forgetful,
  },
  {
    rule: "a re-export writes every row again",
    seen: /did not land every row: .*duplicate key/,
    faults: insertsOnly,
  },
  {
    rule: "a drop removes everything, and the flow can be set up again",
    seen: /after a drop the backend is still there, with 5 rows/,
    faults: removesNothing,
  },
  {
    rule: "an interrupted setup is completed by the next",
    seen: /there is a hall already/,
    faults: ({ applySetupChange }, { halls }) => ({
      applySetupChange: (change, context) => {
        if (change.previous === null && halls.has(String(change.key)))
          throw new Error("there is a hall already");
        return applySetupChange(change, context);
      },
    }),
  },
  {
    rule: "another backend takes the place of the first",
    seen: /after the flow moved to another, the backend is still there/,
    faults: removesNothing,
  },
  {
    rule: "two exports of one collector are both whole",
    seen: /as one of two exports the backend lacks row/,
    faults: ({ mutate }) => ({ mutate: (batches, context) => mutate(batches.slice(0, 1), context) }),
  },
  {
    rule: "a backend that its user sets up is neither made nor removed",
    seen: /after setup and prepare of an export with setupByUser the backend is still there/,
    faults: ({ prepare }, { halls }) => ({
      prepare: (spec, context) => {
        if (!halls.has(spec.hall)) halls.set(spec.hall, { rows: new Map(), lease: 0 });
        return prepare(spec, context);
      },
    }),
  },
  {
    rule: "a random history ends as a rebuild would",
    seen: /in the history of seed \d, after step \d+, the backend/,
    faults: forgetful,
  },
  {
    rule: "one refused row is one failed row",
    seen: /one row of three was to fail, and these did: \d, /,
    faults: ({ mutate }) => {
      let wounded = false;
      return {
        mutate: async (batches, context) => {
          if (wounded) throw new Error("the warehouse has not got over it");
          wounded = batches.some(({ mutations }) => mutations.some(isForbidden));
          await mutate(batches, context);
        },
      };
    },
  },
];
