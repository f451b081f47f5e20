import type { SourceDefinition } from "../contracts/source.ts";
import type { TargetUse } from "../contracts/target.ts";
import { type ErrorCode, type ErrorPlace, isSluiceError, SluiceError } from "../errors/index.ts";
import type { FieldType, ValueType } from "../values/index.ts";
import type {
  CallStep,
  ExportDefinition,
  GeneratedUuid,
  NameStep,
  SlotExpression,
  SourceOptions,
} from "./flow-definition.ts";

/** A flow while its body runs. Nothing outside this folder sees it. */
export interface FlowDraft {
  readonly name: string;
  readonly sources: SourceDraft[];
  readonly collectors: CollectorDraft[];
  readonly exports: ExportDraft[];
  /** The scopes whose bodies are running, outermost first. */
  readonly running: ScopeDraft[];
  ended: boolean;
}

export interface SourceHead {
  readonly name: string;
  readonly definition: SourceDefinition;
  readonly spec: unknown;
  readonly keyType: ValueType;
  readonly valueType: ValueType;
  options: SourceOptions;
  /** How many slots there are so far: the number of the next one. */
  slots: number;
}

export interface SourceDraft extends SourceHead {
  readonly scope: ScopeDraft;
}

export interface ScopeDraft {
  readonly source: SourceHead;
  readonly rowSlot: number;
  readonly rowFields: readonly FieldType[];
  /** What its rows are called in messages: `documents`, `split(…)`. */
  readonly label: string;
  readonly steps: StepDraft[];
  /** Names of derived fields. */
  readonly names: Set<string>;
}

export type StepDraft = CallStep | NameStep | EachDraft | CollectDraft;

export interface EachDraft {
  readonly kind: "each";
  readonly table: SlotExpression;
  readonly scope: ScopeDraft;
  readonly maxInflightRows: number | null;
  readonly maxInflightBytes: number | null;
}

export interface CollectDraft {
  readonly kind: "collect";
  readonly collector: CollectorDraft;
  readonly entry: EntryDraft;
}

/** What an entry holds; a constant's type is known when every entry is. */
export type EntryDraft = ReadonlyMap<string, SlotExpression | GeneratedUuid | CollectedConstant>;

export interface CollectedConstant {
  readonly kind: "collectedConstant";
  readonly value: unknown;
}

export interface CollectorDraft {
  readonly index: number;
  readonly entries: EntryDraft[];
}

export interface ExportDraft {
  readonly collector: CollectorDraft;
  readonly target: TargetUse<unknown, unknown>;
  readonly data: Omit<ExportDefinition, "collector" | "definition" | "spec">;
}

/** What a slice stands for. */
export interface SliceNode {
  readonly flow: FlowDraft;
  readonly scope: ScopeDraft;
  readonly expression: SlotExpression;
  /** What it is called in messages: `documents.content`, `split(…)`. */
  readonly text: string;
}

/** An error of a definition, with the flow as its place. */
export function definitionError(
  flow: FlowDraft,
  code: ErrorCode,
  message: string,
  more: { readonly hint?: string | undefined; readonly cause?: unknown } & Omit<
    ErrorPlace,
    "flow" | "row"
  > = {},
): SluiceError {
  const { hint, cause, ...place } = more;
  const source = place.source ?? flow.running.at(-1)?.source.name;
  const where = { flow: flow.name, ...(source === undefined ? {} : { source }), ...place };
  // Names and messages of others may have several lines; an error is one.
  return new SluiceError(code, message.replace(/\s*[\r\n]+\s*/g, " "), { hint, where, cause });
}

/** Runs something that throws without knowing the place, and adds the place to what it throws. */
export function withPlace<T>(flow: FlowDraft, place: Omit<ErrorPlace, "flow" | "row">, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    const source = flow.running.at(-1)?.source.name;
    throw error.at({ flow: flow.name, ...(source === undefined ? {} : { source }), ...place });
  }
}

/** Refuses whatever is done to a flow whose definition is over. */
export function checkOpen(flow: FlowDraft, doing: string): void {
  if (!flow.ended) return;
  throw definitionError(flow, "scope-invalid", `${doing} after the definition of flow ${flow.name} ended`, {
    hint: "Say it inside the body of defineFlow; what comes later belongs into a function.",
  });
}

/** Refuses a slice that has no value where it is used. */
export function checkVisible(flow: FlowDraft, node: SliceNode): void {
  if (node.flow !== flow) {
    throw definitionError(flow, "scope-invalid", `${node.text} is a slice of flow ${node.flow.name}`, {
      hint: `Flow ${flow.name} can use its own slices only.`,
    });
  }
  checkOpen(flow, `${node.text} was used`);
  if (flow.running.includes(node.scope)) return;
  const message = `${node.text} belongs to the rows of ${node.scope.label} and was used outside their forEachRow`;
  throw definitionError(flow, "scope-invalid", message, {
    source: node.scope.source.name,
    hint: "A slice has a value only inside the forEachRow that it comes from, and in those within.",
  });
}
