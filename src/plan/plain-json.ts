import type { Json } from "../contracts/target.ts";
import { type ErrorPlace, SluiceError } from "../errors/index.ts";

/** What a connector's method returned, as it is recorded. */
export function plainJson(value: unknown, method: string, where: ErrorPlace): Json {
  try {
    return JSON.parse(JSON.stringify(value)) as Json;
  } catch (cause) {
    throw new SluiceError("option-invalid", `${method} returned what JSON cannot say`, {
      where,
      hint: `Return plain data from ${method}.`,
      cause,
    });
  }
}
