import type { Faults, Warehouse, WarehouseBatch } from "./warehouse.ts";

/** A target that breaks a rule, and what the kit is to say that it saw. */
export interface WrongTarget {
  readonly rule: string;
  readonly seen: RegExp;
  readonly faults: Faults;
}

export type Mutation = WarehouseBatch["mutations"][number];

/** Writes that are changed, or left out, on their way. */
export function rewriting(
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
export function revaluing(revalue: (value: { readonly text: string }) => object): Faults {
  return rewriting(({ key, value }) => ({ key, value: value && revalue(value as never) }));
}

export const textOf = ({ key, value }: Mutation) =>
  `${key.id} ${key.part} ${(value as { text?: string } | null)?.text}`;
export const find = (warehouse: Warehouse, hall: string, { key }: Mutation) =>
  warehouse.rows(hall)!.find((row) => row.key.id === key.id && row.key.part === key.part);

/** Skips what it remembers to have written, though it may have been overwritten since. */
export const forgetful: Faults = (honest, warehouse) => {
  const written = new Set<string>();
  return rewriting((mutation) => {
    if (mutation.value !== null && written.has(textOf(mutation))) return null;
    written.add(textOf(mutation));
    return mutation;
  })(honest, warehouse);
};

export const insertsOnly: Faults = rewriting((mutation, warehouse, hall) => {
  if (mutation.value !== null && find(warehouse, hall, mutation)) throw new Error("duplicate key");
  return mutation;
});

export const removesNothing: Faults = ({ applySetupChange }) => ({
  applySetupChange: (change, context) => {
    if (change.current !== null) return applySetupChange(change, context);
  },
});

/** Puts a removed hall away, and takes it out again when one of its name is made. */
export const hoarding: Faults = ({ applySetupChange }, { halls }) => {
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

export const counting: Faults = ({ setupState }) => {
  let calls = 0;
  return { setupState: (input) => ({ ...setupState(input), fields: [String(calls++)] }) };
};
