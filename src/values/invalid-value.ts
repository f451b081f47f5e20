import { SluiceError } from "../errors/index.ts";

/** The error for a value that does not fit the type that it is encoded with. */
export function invalidValue(problem: string): SluiceError {
  return new SluiceError("value-invalid", `A value cannot be encoded: ${problem}.`);
}
