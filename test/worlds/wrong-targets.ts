import type { Json } from "../../src/contracts/target.ts";
import { type Faults, isForbidden, type Warehouse, type WarehouseBatch } from "./warehouse.ts";

/** A target that breaks a rule, and what the kit is to say that it saw. */
export interface WrongTarget {
  readonly rule: string;
  readonly seen: RegExp;
  readonly faults: Faults;
}

type Mutation = WarehouseBatch["mutations"][number];

/** Writes that are changed, or left out, on their way. */
function rewriting(
  rewrite: (mutation: Mutation, warehouse: Warehouse, hall: string) => Mutation | null,
): Faults {
  return ({ mutate }, warehouse) => ({
    mutate: (batches, context) => {
      const rewritten = batches.map(({ target, mutations }) => ({
        target,
        mutations: mutations.flatMap((mutation) => rewrite(mutation, warehouse, target.hall) ?? []),
      }));
      return mutate(rewritten, context);
    },
  });
}

/** Upserts whose value is changed on its way. */
function revaluing(revalue: (value: { readonly text: string }) => object): Faults {
  return rewriting(({ key, value }) => ({ key, value: value && revalue(value as never) }));
}

const textOf = ({ key, value }: Mutation) =>
  `${key.id} ${key.part} ${(value as { text?: string } | null)?.text}`;
const find = (warehouse: Warehouse, hall: string, { key }: Mutation) =>
  warehouse.rows(hall)!.find((row) => row.key.id === key.id && row.key.part === key.part);

/** Skips what it remembers to have written, though it may have been overwritten since. */
const forgetful: Faults = (honest, warehouse) => {
  const written = new Set<string>();
  return rewriting((mutation) => {
    if (mutation.value !== null && written.has(textOf(mutation))) return null;
    written.add(textOf(mutation));
    return mutation;
  })(honest, warehouse);
};

const insertsOnly: Faults = rewriting((mutation, warehouse, hall) => {
  if (mutation.value !== null && find(warehouse, hall, mutation)) throw new Error("duplicate key");
  return mutation;
});

const removesNothing: Faults = ({ applySetupChange }) => ({
  applySetupChange: (change, context) => {
    if (change.current !== null) return applySetupChange(change, context);
  },
});

/** Puts a removed hall away, and takes it out again when one of its name is made. */
const hoarding: Faults = ({ applySetupChange }, { halls }) => {
  const attic = new Map<string, never>();
  return {
    applySetupChange: (change, context) => {
      const name = String(change.key);
      if (change.current === null && halls.has(name)) attic.set(name, halls.get(name) as never);
      else if (change.current !== null && attic.has(name)) halls.set(name, attic.get(name)!);
      return applySetupChange(change, context);
    },
  };
};

const counting: Faults = ({ setupState }) => {
  let calls = 0;
  return { setupState: (input) => ({ ...setupState(input), fields: [String(calls++)] }) };
};

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

/** One for each rule that is about writes, and about how calls end. */
export const wrongWrites: readonly WrongTarget[] = [
  {
    rule: "an upsert inserts a row",
    seen: /after one upsert the backend lacks row/,
    faults: rewriting((mutation, warehouse, hall) => (find(warehouse, hall, mutation) ? mutation : null)),
  },
  {
    rule: "an upsert replaces the whole value",
    seen: /note is 'row-\d+' and should be null/,
    faults: rewriting((mutation, warehouse, hall) => {
      const before = find(warehouse, hall, mutation)?.value as object | undefined;
      const given = Object.entries(mutation.value ?? {}).filter(([, field]) => field !== null);
      return mutation.value === null
        ? mutation
        : { ...mutation, value: { ...before, ...Object.fromEntries(given) } };
    }),
  },
  {
    rule: "a deletion removes its row alone",
    seen: /after one row was deleted the backend lacks row/,
    faults: ({ mutate }, warehouse) => ({
      mutate: async (batches, context) => {
        await mutate(batches, context);
        for (const { target, mutations } of batches)
          if (mutations.some(({ value }) => value === null)) warehouse.hall(target.hall).rows.clear();
      },
    }),
  },
  {
    rule: "deleting what is not there is no error",
    seen: /is not in the hall/,
    faults: rewriting((mutation, warehouse, hall) => {
      if (mutation.value === null && !find(warehouse, hall, mutation))
        throw new Error(`${mutation.key.id} is not in the hall`);
      return mutation;
    }),
  },
  {
    rule: "one call takes many rows",
    seen: /after a call with 500 upserts the backend lacks row .*and 97 more/,
    faults: ({ mutate }) => ({
      mutate: (batches, context) =>
        mutate(
          batches.map(({ target, mutations }) => ({ target, mutations: mutations.slice(0, 400) })),
          context,
        ),
    }),
  },
  {
    rule: "one call takes several exports",
    seen: /at the first of them, the backend lacks row/,
    faults: ({ mutate }) => ({
      mutate: (batches, context) =>
        mutate(
          batches.map(({ mutations }) => ({ target: batches.at(-1)!.target, mutations })),
          context,
        ),
    }),
  },
  { rule: "the same call twice is as good as once", seen: /duplicate key/, faults: insertsOnly },
  {
    rule: "a call that was cut short is completed by the same call again",
    seen: /after the first half of a call and then the whole the backend/,
    faults: ({ mutate }) => {
      const begun = new Set<string>();
      return {
        mutate: async (batches, context) => {
          const [first] = batches[0]!.mutations;
          const call = `${batches[0]!.target.hall} ${textOf(first!)}`;
          if (!begun.has(call)) await mutate(batches, context);
          begun.add(call);
        },
      };
    },
  },
  {
    rule: "the order of writes to different keys does not matter",
    seen: /after a call with deletions first the backend/,
    faults: ({ mutate }) => ({
      mutate: (batches, context) => {
        const isDeletion = batches[0]!.mutations[0]!.value === null;
        const alike = batches.map(({ target, mutations }) => ({
          target,
          mutations: mutations.filter(({ value }) => !isDeletion || value === null),
        }));
        return mutate(alike, context);
      },
    }),
  },
  {
    rule: "backends of one kind do not mix",
    seen: /after rows of the same keys were written to another backend of the kind the backend holds row .*another value/,
    faults: (_, warehouse) => ({
      mutate: (batches) => {
        for (const hall of warehouse.halls.keys())
          warehouse.apply(batches.map(({ mutations }) => ({ target: { hall, closed: false }, mutations })));
      },
    }),
  },
  {
    rule: "what a call is given stays as it was",
    seen: /what mutate was given holds row .*text is .*!'/,
    faults: ({ mutate }) => ({
      mutate: async (batches, context) => {
        await mutate(batches, context);
        for (const { mutations } of batches)
          for (const { value } of mutations) if (value) (value as { text: string }).text += "!";
      },
    }),
  },
  {
    rule: "keys come back as they were given",
    seen: /after odd keys were written in one call, the backend holds row .*should not be there/,
    faults: rewriting(({ key, value }) => ({ key: { ...key, id: key.id.replaceAll("\0", "") }, value })),
  },
  {
    rule: "keys that look alike are different rows",
    seen: /keys that look alike .*should not be there/,
    faults: rewriting(({ key, value }) => ({ key: { ...key, id: key.id.toLowerCase() }, value })),
  },
  {
    rule: "values come back as they were given",
    seen: /text is 'line\\nbreak.* and should be 'line\\nbreak\\r/,
    faults: revaluing((value) => ({ ...value, text: value.text.replaceAll("\r", "") })),
  },
  {
    rule: "random rows come back as they were given",
    seen: /after random rows of seed 1 were written in one call, the backend holds row .*text is/,
    faults: revaluing((value) => ({ ...value, text: value.text.trim() })),
  },
  {
    rule: "an aborted call does not claim what it has not done",
    seen: /a call whose signal aborted before it, which did not fail, the backend/,
    faults: ({ mutate }) => ({
      mutate: async (batches, context) => {
        if (!context.signal.aborted) await mutate(batches, context);
      },
    }),
  },
  {
    rule: "a call after close does not claim what it has not done",
    seen: /after a call after close, which did not fail, the backend lacks row/,
    faults: ({ mutate }) => ({
      mutate: async (batches, context) => {
        if (!batches[0]!.target.closed) await mutate(batches, context);
      },
    }),
  },
  {
    rule: "prepare opens anew after close",
    seen: /the warehouse is closed/,
    faults: () => {
      const opened = new Map<string, { readonly hall: string; closed: boolean }>();
      return {
        prepare: ({ hall }) => {
          opened.set(hall, opened.get(hall) ?? { hall, closed: false });
          return opened.get(hall)!;
        },
      };
    },
  },
  {
    rule: "closing one export leaves the others open",
    seen: /the warehouse is closed/,
    faults: ({ prepare }) => {
      const all: { closed: boolean }[] = [];
      return {
        prepare: async (spec, context) => {
          const opened = await prepare(spec, context);
          all.push(opened);
          return opened;
        },
        close: () => {
          for (const opened of all) opened.closed = true;
        },
      };
    },
  },
  {
    rule: "a row that the backend refuses is an error",
    seen: /said nothing of the one that it cannot take/,
    faults: rewriting((mutation) => (isForbidden(mutation) ? null : mutation)),
  },
  {
    rule: "a call that fails has applied nothing",
    seen: /after a call that failed the backend/,
    faults: (_, warehouse) => ({
      mutate: (batches, { leaseNumber }) => {
        warehouse.apply(
          batches.map(({ target, mutations }) => ({ target, mutations: mutations.slice(0, 1) })),
        );
        warehouse.check(batches, leaseNumber);
        warehouse.apply(batches);
      },
    }),
  },
  {
    rule: "a smaller lease number is refused",
    seen: /a call with lease number 6 was taken/,
    faults: (_, warehouse) => ({ mutate: (batches) => warehouse.apply(batches) }),
  },
  {
    rule: "the greatest lease number outlives close",
    seen: /a call with lease number 6 was taken/,
    faults: ({ mutate, close }, warehouse) => ({
      mutate,
      close: (opened) => {
        warehouse.hall(opened.hall).lease = 0;
        return close(opened);
      },
    }),
  },
  {
    rule: "readBack yields what the backend holds",
    seen: /readBack of a backend with many rows lacks row/,
    faults: (_, warehouse) => ({ readBack: ({ hall }) => [warehouse.rows(hall)!.slice(0, 100)] }),
  },
  {
    rule: "readBack of an empty backend yields nothing",
    seen: /readBack of a backend with nothing any more holds row/,
    faults: ({ mutate }, warehouse) => {
      const seen = new Map<string, Mutation>();
      return {
        mutate: async (batches, context) => {
          await mutate(batches, context);
          for (const { target, mutations } of batches)
            for (const mutation of mutations)
              if (mutation.value !== null)
                seen.set(`${target.hall} ${mutation.key.id}`, structuredClone(mutation));
        },
        readBack: ({ hall }) => {
          const ghosts = [...seen]
            .filter(([id]) => id.startsWith(hall))
            .map(([, mutation]) => mutation as never);
          return [warehouse.rows(hall)!.length > 0 ? warehouse.rows(hall)! : ghosts];
        },
      };
    },
  },
];

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
