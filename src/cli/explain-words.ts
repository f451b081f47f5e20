import type { ExplainedChange, RowRun } from "../app/explain/explanation.ts";
import { counted } from "./format-number.ts";

/** Why a row ran, in words: its reason first, then what had changed beside it. */
export function reasonsOf(run: RowRun, source: string): string[] {
  const changes = run.changes.map((change) => changeInWords(change, source));
  const reasons = run.reason === "logic" && changes.length > 0 ? [] : [reasonInWords(run)];
  const tries = run.failedBefore > 0 ? [`it had failed ${counted(run.failedBefore, "time")} before`] : [];
  const asked = run.reason === "forced" ? [] : forcedInWords(run);
  return [...reasons, ...(run.reason === "failed" ? [] : tries), ...changes, ...asked];
}

function reasonInWords(run: RowRun): string {
  switch (run.reason) {
    case "new":
      return "it was new";
    case "content": {
      const isOtherType = run.changes.some(({ part }) => part === "row-types");
      return isOtherType
        ? "its content, or the form that it is kept in, had changed"
        : "its content had changed";
    }
    case "logic":
      return "the flow's definition had changed";
    case "pending":
      return "the outcome of its writes was in doubt";
    case "failed":
      return `it had not come through yet: ${counted(run.failedBefore, "attempt")} failed before`;
    case "forced":
      return forcedInWords(run).join(", ") || "it was asked for";
    case "owner":
      return "a target key became its own, or the target had something else";
    case "gone":
      return "its source had it no more";
    case "version":
      return "its source gave it another version";
  }
}

function forcedInWords({ reexport, fullReprocess }: RowRun): string[] {
  return [
    ...(reexport ? ["writing every target row again was asked for (--reexport)"] : []),
    ...(fullReprocess ? ["computing everything again was asked for (--full-reprocess)"] : []),
  ];
}

/** What has changed, such as `the code of function render changed`. */
export function changeInWords(change: ExplainedChange, source: string): string {
  const exports = `${change.targets.length === 1 ? "export" : "exports"} ${change.targets.join(", ")}`;
  const target = exports.replace("export", "target");
  switch (change.part) {
    case "source-kind":
      return `the kind of source ${source} changed`;
    case "source-version":
      return `the version of source ${source} changed`;
    case "source-spec":
      return `the spec of source ${source} changed`;
    case "row-types":
      return `the key or value type of source ${source} changed`;
    case "steps":
      return `the steps that feed ${exports} changed`;
    case "function-code":
      return `the code of function ${change.function} changed`;
    case "function-version":
      return `the version of function ${change.function} changed`;
    case "function-spec":
      return `the spec of function ${change.function} changed`;
    case "function-types":
      return `the input or output type of function ${change.function} changed`;
    case "function-sharing":
      return `the sharedId of function ${change.function} changed`;
    case "export-fields":
      return `the fields of ${exports} changed`;
    case "duplicate-keys":
      return `onDuplicateKey of ${exports} changed`;
    case "target-version":
      return `the version of ${target} changed`;
    case "target-spec":
      return `the state that setup gave ${target} changed`;
    case "target-rewrite":
      return `the rows of ${target} were to be written again`;
    case "target-rebuild":
      return `${target} was made anew`;
    case "export-added":
      return `${exports} was added, or is fed by it only now`;
    case "export-removed":
      return `${exports} was removed, or is fed by it no more`;
    case "unknown":
      return `something that feeds ${exports} changed; what it was before is not on record any more`;
  }
}
