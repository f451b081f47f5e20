import { SluiceError } from "../errors/index.ts";
import type { ValueSchema } from "./schema.ts";

/** A spec as its schema wants it; `spec-invalid` names every field that does not fit. */
export function parseSpec(what: string, schema: ValueSchema, spec: unknown): unknown {
  const result = schema.safeParse(spec);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const at = issue.path.map(String).join(".");
    return at === "" ? issue.message : `${at}: ${issue.message}`;
  });
  throw new SluiceError("spec-invalid", `${what} was given an unfit spec: ${problems.join("; ")}`);
}
