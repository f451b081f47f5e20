import { text as readText } from "node:stream/consumers";
import type { Flow } from "../../app/flow.ts";
import { SluiceError } from "../../errors/index.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { onlyFlow, openFlows } from "../open-flows.ts";
import { renderQuery } from "../render-query.ts";
import { toJson } from "../to-json.ts";

export interface QueryCommandOptions extends GlobalOptions {
  readonly limit?: number;
  readonly json?: boolean;
}

/** Results that go to a file or another program are laid out as for a terminal of this width. */
const usualColumns = 80;

/** Asks a query handler of a flow. The JSON is `{ flow, handler, query, results, resultFields, queryInfo }`. */
export function queryCommand(
  file: string,
  words: readonly (string | undefined)[],
  options: QueryCommandOptions,
): Command {
  return async ({ terminal, signal }) => {
    const flow = onlyFlow(await openFlows(file, options));
    const { handler, text } = questionOf(flow, file, words);
    const query = text === "-" ? await readText(process.stdin) : text;
    if (query.trim() === "") throw textMissing(file, handler);
    const { limit } = options;
    const answer = await flow.query(handler, query.trim(), {
      signal,
      ...(limit === undefined ? {} : { limit }),
    });
    if (options.json) terminal.print(toJson({ flow: flow.name, ...answer }));
    else if (answer.results.length === 0) terminal.tell("no results");
    else {
      const view = { style: terminal.outStyle, columns: terminal.columns ?? usualColumns };
      terminal.print(renderQuery(answer, view).join("\n"));
    }
    return 0;
  };
}

/** A handler and a text; where the flow has one handler, a text alone. */
function questionOf(
  flow: Flow,
  file: string,
  [first, second]: readonly (string | undefined)[],
): { readonly handler: string; readonly text: string } {
  const names = flow.queryHandlers.map(({ name }) => name);
  const [only] = names;
  if (only === undefined) throw noHandlers(flow);
  if (first === undefined) throw textMissing(file, names.length === 1 ? null : "NAME");
  if (second !== undefined) return { handler: first, text: second };
  if (names.includes(first)) throw textMissing(file, first);
  if (names.length === 1) return { handler: only, text: first };
  throw new SluiceError("usage", `flow ${flow.name} has several query handlers: ${names.join(", ")}`, {
    hint: `Name one, such as: sluice query ${file} ${only} ${JSON.stringify(first)}`,
  });
}

function textMissing(file: string, handler: string | null): SluiceError {
  const named = handler === null ? file : `${file} ${handler}`;
  return new SluiceError("usage", "query needs the text to ask for", {
    hint: `Write sluice query ${named} "text", or - in place of the text to read it from standard input.`,
  });
}

function noHandlers({ name }: Flow): SluiceError {
  return new SluiceError("query-handler-missing", `flow ${name} has no query handler`, {
    where: { flow: name },
    hint: "Add one to the flow with addQueryHandler({ name, handler }).",
  });
}
