import type { Json } from "../../contracts/target.ts";

/** What tells a model's results from those of others, as plain data. */
export type ModelIdentity = { readonly [name: string]: Json };
