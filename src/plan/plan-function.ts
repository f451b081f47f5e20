import type { CodeDigest } from "../contracts/code-digest.ts";
import type { AnyFunctionUse } from "../contracts/function.ts";
import { SluiceError } from "../errors/index.ts";
import { inputType } from "../flow/index.ts";
import { typeOfSchema, typeSignature, type ValueType, valueCodec } from "../values/index.ts";
import { fingerprintOfData } from "./logic.ts";
import type { PlannedFunction } from "./plan.ts";

/** Makes one use of a function ready to be called and remembered. */
export function planFunction(flow: string, use: AnyFunctionUse, digest: CodeDigest): PlannedFunction {
  const { definition } = use;
  const inputType = inputTypeOf(use);
  const outputType = typeOfSchema(use.output, `the output of function ${definition.name}`);
  const code = definition.version === undefined ? digest.of(definition) : null;
  const spec = plainSpec(definition.name, use.spec);
  const identity = fingerprintOfData({
    scope: definition.sharedId === undefined ? { flow } : { sharedId: definition.sharedId },
    name: definition.sharedId ?? definition.name,
    code: code ? { fingerprint: code.fingerprint } : { version: definition.version },
    spec,
    input: typeSignature(inputType),
    output: typeSignature(outputType),
  });
  return {
    name: definition.name,
    use,
    code,
    plainSpec: spec,
    identity,
    inputType,
    inputCodec: valueCodec(inputType),
    outputType,
    outputCodec: valueCodec(outputType),
  };
}

function inputTypeOf(use: AnyFunctionUse): ValueType {
  const fields = Object.entries(use.input).map(([name, schema]) => ({
    name,
    type: inputType(schema, `input ${name} of function ${use.definition.name}`),
    optional: schema.safeParse(undefined).success,
  }));
  return { kind: "struct", fields, nullable: false };
}

/** A spec takes part in fingerprints, so it must be data that JSON can say. */
function plainSpec(name: string, spec: unknown): unknown {
  if (spec === undefined) return null;
  try {
    return JSON.parse(JSON.stringify(spec)) as unknown;
  } catch (cause) {
    throw new SluiceError("spec-invalid", `the spec of function ${name} is not plain data`, {
      hint: "Give plain data as the spec, and load what it stands for in prepare().",
      cause,
    });
  }
}
