import type { SetupInput, TargetSchema } from "../../../contracts/target.ts";
import { SluiceError } from "../../../errors/index.ts";
import { formatType } from "../../../values/index.ts";

/** The field of an export that files hold. */
export interface ContentField {
  readonly name: string;
  readonly kind: "string" | "bytes";
}

/** The one field beside the key; `checkContent` has seen to it that there is one. */
export function contentFieldOf({ valueFields }: TargetSchema): ContentField {
  const { name, type } = valueFields[0]!;
  return { name, kind: type.kind === "bytes" ? "bytes" : "string" };
}

/**
 * Whether files can hold an export.
 *
 * @throws SluiceError `export-invalid`
 */
export function checkContent({ schema, flow, targetName }: SetupInput<unknown>): void {
  const fields = schema.valueFields;
  const refuse = (what: string, hint: string) =>
    new SluiceError("export-invalid", `export ${targetName} ${what}`, {
      where: { flow, target: targetName },
      hint,
    });
  const [content, second] = fields;
  if (content === undefined || second !== undefined) {
    const names = fields.map(({ name }) => name).join(", ") || "nothing";
    throw refuse(
      `has ${names} beside its key, but a file holds one field`,
      "Collect the path and the content, and no more, for this target.",
    );
  }
  const { name, type, optional } = content;
  if ((type.kind === "string" || type.kind === "bytes") && !type.nullable && !optional) return;
  throw refuse(
    `collects ${name} as ${formatType(type)}${optional ? ", which may be absent" : ""}, but a file holds text or bytes`,
    type.nullable || optional
      ? "Put a text in the place of what may be null, such as an empty one."
      : `Make a text of ${name} with a function.`,
  );
}
