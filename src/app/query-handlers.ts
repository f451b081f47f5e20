import { SluiceError, toSluiceError } from "../errors/index.ts";
import { nameHint } from "../flow/index.ts";
import { abortable } from "../kernel/abortable.ts";
import { interruptible } from "./interruptible.ts";
import {
  type AnyQueryHandler,
  checkQueryHandler,
  type QueryAnswer,
  type QueryHandlerInfo,
  type QueryInfo,
  type QueryResultFields,
} from "./query-handler.ts";

/** Options of a query. */
export interface QueryOptions {
  /** Stops it. */
  readonly signal?: AbortSignal;
  /** How many results to give at most. Default: as many as the handler thinks fit. */
  readonly limit?: number;
}

/** The answer to a query. */
export interface QueryResult {
  /** The name of the handler that answered. */
  readonly handler: string;
  readonly query: string;
  /** Best first, as the handler gave them. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly resultFields: QueryResultFields;
  readonly queryInfo: QueryInfo | null;
}

/** The query handlers of one flow. */
export class QueryHandlers {
  readonly #flow: string;
  readonly #byName = new Map<string, AnyQueryHandler>();

  constructor(flow: string) {
    this.#flow = flow;
  }

  add(given: unknown): void {
    const handler = checkQueryHandler(this.#flow, given);
    if (this.#byName.has(handler.name)) {
      throw new SluiceError("name-duplicate", `there are two query handlers of the name ${handler.name}`, {
        where: { flow: this.#flow },
      });
    }
    this.#byName.set(handler.name, handler);
  }

  /** In the order in which they were added. */
  all(): readonly QueryHandlerInfo[] {
    return [...this.#byName.values()].map(({ name, resultFields }) => ({ name, resultFields }));
  }

  async run(
    name: string,
    query: string,
    { appDirectory, signal, limit }: QueryOptions & { readonly appDirectory: string },
  ): Promise<QueryResult> {
    const handler = this.#named(name);
    const most = checkLimit(this.#flow, limit);
    const stop = interruptible(signal);
    const where = { flow: this.#flow, step: name };
    try {
      stop.signal.throwIfAborted();
      const context = { signal: stop.signal, limit: most, appDirectory };
      const answering = (async () => handler.handler(query, context))();
      const { results, queryInfo = null } = checkAnswer(await abortable(answering, stop.signal), name);
      return {
        handler: name,
        query,
        results: results.slice(0, most ?? results.length) as QueryResult["results"],
        resultFields: handler.resultFields,
        queryInfo,
      };
    } catch (thrown) {
      // A handler that was stopped throws whatever it likes.
      if (stop.signal.aborted) throw stop.signal.reason;
      throw toSluiceError(thrown, "query-failed", { where });
    } finally {
      stop.forget();
    }
  }

  #named(name: string): AnyQueryHandler {
    const found = this.#byName.get(name);
    if (found) return found;
    throw new SluiceError("query-handler-missing", `flow ${this.#flow} has no query handler ${name}`, {
      where: { flow: this.#flow },
      hint: nameHint(name, [...this.#byName.keys()], "It has"),
    });
  }
}

function checkLimit(flow: string, limit: number | undefined): number | null {
  if (limit === undefined) return null;
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new SluiceError("option-invalid", `limit must be a whole number above 0, not ${String(limit)}`, {
    where: { flow },
  });
}

function checkAnswer(answer: unknown, handler: string): QueryAnswer<object> {
  const refuse = (what: string) =>
    new SluiceError("query-failed", `query handler ${handler} ${what}`, {
      hint: "It must return an array of objects, or { results, queryInfo } with one.",
    });
  const given = Array.isArray(answer) ? { results: answer as unknown } : answer;
  if (typeof given !== "object" || given === null || !("results" in given) || !Array.isArray(given.results))
    throw refuse("returned no results");
  const odd = given.results.findIndex((row) => typeof row !== "object" || row === null || Array.isArray(row));
  if (odd >= 0) throw refuse(`returned no object for result ${odd + 1}`);
  return given as QueryAnswer<object>;
}
