import { z } from "zod";
import { SluiceError } from "../errors/index.ts";
import { environmentVariable } from "../kernel/environment.ts";
import type { Json } from "./target.ts";

const brand = Symbol.for("sluice.secret");
const inspected = Symbol.for("nodejs.util.inspect.custom");

/**
 * A value that is used and never shown: in records, plans, logs and errors its reference stands in its place. A changed
 * value is therefore no change of a spec.
 */
export interface Secret {
  readonly [brand]: true;
  /** What stands in its place: `{ env: "NAME" }`, or `{ secret: "given in code" }`. */
  readonly reference: Json;
  /**
   * The value, looked up now.
   *
   * @throws SluiceError `secret-missing`, where its environment variable is not set
   */
  reveal(): string;
  /** The reference. */
  toJSON(): Json;
}

/**
 * The value of an environment variable, looked up when it is needed. Give it where a spec takes a secret:
 * `apiKey: env("OPENAI_API_KEY")`.
 *
 * @throws SluiceError `option-invalid`, for what is no name of a variable
 */
export function env(name: string): Secret {
  if (typeof name !== "string" || name === "" || /[=\0]/.test(name)) {
    throw new SluiceError(
      "option-invalid",
      `env(${JSON.stringify(name)}): no environment variable has that name`,
    );
  }
  return secretOf({ env: name }, () => {
    const value = environmentVariable(name);
    if (value !== undefined && value !== "") return value;
    throw new SluiceError("secret-missing", `the environment variable ${name} is not set`, {
      hint: `Set ${name}, for instance in the .env file beside package.json.`,
    });
  });
}

/**
 * The schema of a field that holds a secret: text, or `env("NAME")`. The spec then has a {@link Secret}, whose value
 * `reveal()` gives; what is stored or shown of the spec has its reference.
 */
export function secret(): z.ZodPipe<
  z.ZodCustom<string | Secret, string | Secret>,
  z.ZodTransform<Secret, string | Secret>
> {
  return z
    .custom<string | Secret>((given) => typeof given === "string" || isSecret(given), {
      error: 'must be text, or env("NAME")',
    })
    .transform((given) => (isSecret(given) ? given : secretOf({ secret: "given in code" }, () => given)));
}

/** Of whatever copy of the package. */
function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

function secretOf(reference: Json, reveal: () => string): Secret {
  const shown = `Secret(${JSON.stringify(reference)})`;
  const hidden = {
    [brand]: true as const,
    reference,
    reveal,
    toJSON: () => reference,
    toString: () => shown,
    [inspected]: () => shown,
  };
  return Object.freeze(hidden);
}
