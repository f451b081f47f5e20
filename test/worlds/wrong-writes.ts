import { isForbidden } from "./warehouse.ts";
import {
  find,
  insertsOnly,
  type Mutation,
  revaluing,
  rewriting,
  textOf,
  type WrongTarget,
} from "./wrong-target.ts";

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
