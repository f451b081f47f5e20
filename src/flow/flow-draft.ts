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
  TransformDefinition,
} from "./flow-definition.ts";

/** A flow, or a transform flow, while its body runs. Nothing outside this folder sees it. */
export interface FlowDraft {
  readonly kind: "flow" | "transform flow";
  readonly name: string;
  readonly sources: SourceDraft[];
  readonly collectors: CollectorDraft[];
  readonly exports: ExportDraft[];
  /** Those whose steps are among its own. */
  readonly transforms: Set<TransformDefinition>;
  /** The scopes whose bodies are running, outermost first. */
  readonly running: ScopeDraft[];
  ended: boolean;
}

/** Whose rows a scope goes through: a source, or what a transform flow is given. */
export interface RowOrigin {
  readonly name: string;
  /** How many slots there are so far: the number of the next one. */
  slots: number;
}

export interface SourceHead extends RowOrigin {
  readonly definition: SourceDefinition;
  readonly spec: unknown;
  readonly keyType: ValueType;
  readonly valueType: ValueType;
  options: SourceOptions;
}

export interface SourceDraft extends SourceHead {
  readonly scope: ScopeDraft;
}

export interface ScopeDraft {
  readonly source: RowOrigin;
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

export function newDraft(kind: FlowDraft["kind"], name: string): FlowDraft {
  return {
    kind,
    name,
    sources: [],
    collectors: [],
    exports: [],
    transforms: new Set(),
    running: [],
    ended: false,
  };
}

/** An error of a definition, with the flow as its place. */
export function definitionError(
  flow: FlowDraft,
  code: ErrorCode,
  message: string,
  more: { readonly hint?: string | undefined; readonly cause?: unknown } & Place = {},
): SluiceError {
  const { hint, cause, ...place } = more;
  const where = placeIn(flow, place);
  // Names and messages of others may have several lines; an error is one.
  return new SluiceError(code, message.replace(/\s*[\r\n]+\s*/g, " "), { hint, where, cause });
}

type Place = Omit<ErrorPlace, "flow" | "transformFlow" | "row">;

function placeIn(flow: FlowDraft, { source, ...place }: Place): ErrorPlace {
  if (flow.kind === "transform flow") return { transformFlow: flow.name, ...place };
  const known = source ?? flow.running.at(-1)?.source.name;
  return { flow: flow.name, ...(known === undefined ? {} : { source: known }), ...place };
}

/** Runs something that throws without knowing the place, and adds the place to what it throws. */
export function withPlace<T>(flow: FlowDraft, place: Place, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    throw error.at(placeIn(flow, place));
  }
}

/** Refuses whatever is done to a flow whose definition is over. */
export function checkOpen(flow: FlowDraft, doing: string): void {
  if (!flow.ended) return;
  const message = `${doing} after the definition of ${flow.kind} ${flow.name} ended`;
  throw definitionError(flow, "scope-invalid", message, {
    hint: `Say it inside the body of ${bodyOwner[flow.kind]}; what comes later belongs into a function.`,
  });
}

const bodyOwner = { flow: "defineFlow", "transform flow": "defineTransformFlow" } as const;

/** Refuses a slice that has no value where it is used. */
export function checkVisible(flow: FlowDraft, node: SliceNode): void {
  if (node.flow !== flow) {
    const message = `${node.text} is a slice of ${node.flow.kind} ${node.flow.name}`;
    const hint =
      flow.kind === "flow"
        ? `Flow ${flow.name} can use its own slices only.`
        : `Make it an input of transform flow ${flow.name}.`;
    throw definitionError(flow, "scope-invalid", message, { hint });
  }
  checkOpen(flow, `${node.text} was used`);
  if (flow.running.includes(node.scope)) return;
  const message = `${node.text} belongs to the rows of ${node.scope.label} and was used outside their forEachRow`;
  throw definitionError(flow, "scope-invalid", message, {
    source: node.scope.source.name,
    hint: "A slice has a value only inside the forEachRow that it comes from, and in those within.",
  });
}
