import type { z } from "zod";

/** A schema of values: any Zod 4 schema that has a Sluice type. */
export type ValueSchema = z.ZodType;
/** What users pass for a schema. */
export type SchemaInput<S extends ValueSchema> = z.input<S>;
/** What a schema yields: the value inside a flow. */
export type SchemaOutput<S extends ValueSchema> = z.output<S>;
