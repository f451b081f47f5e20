import { SluiceError } from "../errors/index.ts";

const pattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/** Checks a name that users give to a flow, function, connector, source, export or field of these. */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name === "string" && pattern.test(name)) return;
  throw new SluiceError("name-invalid", `${what} has the name ${JSON.stringify(name)}`, {
    hint: "A name starts with a letter or _ and goes on with letters, digits, _, - and ., at most 128 in all.",
  });
}
