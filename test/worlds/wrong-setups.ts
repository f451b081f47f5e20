import type { Json } from "../../src/contracts/target.ts";
import { counting, find, hoarding, rewriting, type WrongTarget } from "./wrong-target.ts";

/** One for each rule that is about what a target says, and how its backends come and go. */
export const wrongSetups: readonly WrongTarget[] = [
  {
    rule: "the target declares what the kit was told",
    seen: /says false of atomic, and the kit was told true/,
    faults: () => ({ capabilities: { atomic: false, fenced: true } }),
  },
  {
    rule: "the persistent key follows from spec and name alone",
    seen: /gave "1" and then "2"/,
    faults: () => {
      let calls = 0;
      return { getPersistentKey: () => String(++calls) };
    },
  },
  {
    rule: "backends that differ have persistent keys that differ",
    seen: /both have the persistent key "here"/,
    faults: () => ({ getPersistentKey: () => "here" }),
  },
  {
    rule: "the persistent key is plain JSON",
    seen: /returned \{ hall: .*1970-01-01/,
    faults: () => ({ getPersistentKey: ({ hall }) => ({ hall, since: new Date(0) as unknown as Json }) }),
  },
  {
    rule: "the setup state is plain JSON",
    seen: /returned \{.*\[Function: paint\]/,
    faults: ({ setupState }) => ({
      setupState: (input) => ({ ...setupState(input), paint: function paint() {} as unknown as string }),
    }),
  },
  {
    rule: "the setup state follows from its input alone",
    seen: /gave .*"0".* and then .*"1"/,
    faults: counting,
  },
  {
    rule: "equal states are unchanged",
    seen: /called two equal states 'lossy'/,
    faults: () => ({ compare: (previous, wanted) => (previous === wanted ? "unchanged" : "lossy") }),
  },
  {
    rule: "a description says each backend in words of its own",
    seen: /says 'a hall' of two backends/,
    faults: () => ({ describe: () => "a hall" }),
  },
  {
    rule: "setup creates the backend",
    seen: /after setup there is no backend/,
    faults: () => ({ applySetupChange: () => {} }),
  },
  {
    rule: "creating what is there changes nothing",
    seen: /after a second creation the backend lacks row/,
    faults: (_, { halls }) => ({
      applySetupChange: ({ key }) => void halls.set(String(key), { rows: new Map(), lease: 0 }),
    }),
  },
  {
    rule: "bringing a backend to the state that it is in changes nothing",
    seen: /from its state to the same one the backend lacks row/,
    faults: ({ applySetupChange }, { halls }) => ({
      applySetupChange: (change, context) => {
        if (change.previous && change.current) halls.get(String(change.key))?.rows.clear();
        return applySetupChange(change, context);
      },
    }),
  },
  {
    rule: "setup passes through every state that the backend may be in",
    seen: /there is nothing to alter/,
    faults: ({ applySetupChange }) => ({
      applySetupChange: (change, context) => {
        if (change.previous && change.current) throw new Error("there is nothing to alter");
        return applySetupChange(change, context);
      },
    }),
  },
  {
    rule: "removal takes the whole backend away",
    seen: /still there, with 0 rows/,
    faults: ({ applySetupChange }, { halls }) => ({
      applySetupChange: (change, context) =>
        change.current ? applySetupChange(change, context) : halls.get(String(change.key))?.rows.clear(),
    }),
  },
  {
    rule: "removal takes its own backend only",
    seen: /after another backend of the kind was removed, there is no backend/,
    faults: ({ applySetupChange }, { halls }) => ({
      applySetupChange: (change, context) =>
        change.current ? applySetupChange(change, context) : halls.clear(),
    }),
  },
  {
    rule: "removing what is absent is no error",
    seen: /there is no hall/,
    faults: ({ applySetupChange }, warehouse) => ({
      applySetupChange: (change, context) => {
        if (change.current === null) warehouse.hall(String(change.key));
        return applySetupChange(change, context);
      },
    }),
  },
  { rule: "what is made anew begins empty", seen: /should not be there/, faults: hoarding },
  {
    rule: "removal leaves what others put there",
    seen: /went with them/,
    faults: ({ applySetupChange }, { strangers }) => ({
      applySetupChange: (change, context) => {
        if (change.current === null) strangers.delete(String(change.key));
        return applySetupChange(change, context);
      },
    }),
  },
  {
    rule: "an unchanged state needs nothing: other music",
    seen: /compare says 'lossy'/,
    faults: ({ compare }) => ({
      compare: (previous, wanted) => (previous.music === wanted.music ? compare(previous, wanted) : "lossy"),
    }),
  },
  {
    rule: "a compatible change keeps every row: other paint",
    seen: /after the change the backend lacks row/,
    faults: ({ applySetupChange }, { halls }) => ({
      applySetupChange: (change, context) => {
        const { previous, current } = change;
        if (previous && current && previous.paint !== current.paint)
          halls.get(String(change.key))?.rows.clear();
        return applySetupChange(change, context);
      },
    }),
  },
  {
    rule: "a lossy change takes every row again: another field",
    seen: /after the change and new writes the backend holds a row that does not fit .*shelf/,
    faults: rewriting((mutation, warehouse, hall) =>
      mutation.value !== null && find(warehouse, hall, mutation) ? null : mutation,
    ),
  },
  {
    rule: "a destructive change leaves nothing behind: another floor",
    seen: /after it was made anew the backend holds row .*should not be there/,
    faults: hoarding,
  },
  {
    rule: "a flow goes on after a change: other paint",
    seen: /no painter today/,
    faults: ({ applySetupChange }) => ({
      applySetupChange: (change, context) => {
        if (change.previous?.paint === "white" && change.current?.paint === "red")
          throw new Error("no painter today");
        return applySetupChange(change, context);
      },
    }),
  },
];
