import type { Json } from "../../contracts/target.ts";

/** A JSON Schema as plain data: https://json-schema.org/draft/2020-12/schema */
export type JsonSchema = { readonly [keyword: string]: Json };
