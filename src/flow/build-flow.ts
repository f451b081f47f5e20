import type { CallSite } from "../contracts/call-site.ts";
import { checkName } from "../contracts/name.ts";
import { addExport } from "./add-export.ts";
import { addSource } from "./add-source.ts";
import { checkExport } from "./check-export.ts";
import { collectEntry } from "./collect-entry.ts";
import type { Collector } from "./collector.ts";
import type { FlowBuilder } from "./flow-builder.ts";
import type { FlowDefinition } from "./flow-definition.ts";
import { type CollectorDraft, checkOpen, definitionError, type FlowDraft, newDraft } from "./flow-draft.ts";
import { freezeDefinition } from "./freeze-definition.ts";
import { makeSource } from "./make-slice.ts";
import { checkSynchronous } from "./run-scope.ts";
import { settleCollector } from "./settle-collector.ts";
import type { SourceSlice } from "./slice.ts";

/**
 * Runs the body of a flow once and yields what it says as plain immutable data. A mistake is an error that names
 * the flow and the step. A flow needs a source; one without exports is allowed, and so is a collector that is not
 * exported, since `evaluate` shows what they yield.
 *
 * @throws SluiceError with a code of definitions: `name-invalid`, `name-duplicate`, `field-unknown`,
 * `argument-invalid`, `collect-invalid`, `key-invalid`, `export-invalid`, `scope-invalid`, `option-invalid`,
 * `schema-unsupported`; and whatever the body itself throws.
 */
export function buildFlow(
  name: string,
  body: (flow: FlowBuilder) => unknown,
  callSite: CallSite | null,
): FlowDefinition {
  checkName("a flow", name);
  const flow = newDraft("flow", name);
  try {
    checkSynchronous(flow, body(builderOf(flow)), `flow ${name}`);
  } finally {
    flow.ended = true;
  }
  return finish(flow, callSite);
}

function finish(flow: FlowDraft, callSite: CallSite | null): FlowDefinition {
  if (flow.sources.length === 0) {
    throw definitionError(flow, "option-invalid", `flow ${flow.name} has no source`, {
      hint: "Add one with addSource. To remove what a flow has built, drop it.",
    });
  }
  const fields = flow.collectors.map((collector) => settleCollector(flow, collector));
  for (const draft of flow.exports) {
    const { name: target } = draft.data;
    const collected = fields[draft.collector.index]!;
    if (collected.length === 0) {
      throw definitionError(flow, "export-invalid", `nothing is ever collected for export ${target}`, {
        target,
        hint: "Call collect on its collector, in the forEachRow of a source.",
      });
    }
    checkExport(flow, draft, collected);
  }
  return freezeDefinition(flow, fields, callSite);
}

function builderOf(flow: FlowDraft): FlowBuilder {
  return Object.freeze<FlowBuilder>({
    addSource: <R>(...[name, use, options]: Parameters<FlowBuilder["addSource"]>) =>
      makeSource(flow, addSource(flow, name, use, options)) as SourceSlice<R>,
    addCollector: <Row extends object>() => addCollector<Row>(flow),
  });
}

function addCollector<Row extends object>(flow: FlowDraft): Collector<Row> {
  checkOpen(flow, "addCollector was called");
  const collector: CollectorDraft = { index: flow.collectors.length, entries: [] };
  flow.collectors.push(collector);
  return Object.freeze<Collector<Row>>({
    collect: (entry) => collectEntry(flow, collector, entry),
    export: (name, target, options) => addExport(flow, collector, { name, target, options }),
  });
}
