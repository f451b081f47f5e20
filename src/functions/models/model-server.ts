import type { Secret } from "../../contracts/secret.ts";
import { messageOf, SluiceError } from "../../errors/index.ts";

/** Where a model is served, and what goes with each request. */
export interface ModelServer {
  readonly url: string;
  readonly model: string;
  readonly apiKey: Secret | null;
  readonly headers: Readonly<Record<string, Secret>>;
}

/** What is sent. The path is relative to the server's URL. */
export interface ModelRequest {
  readonly path: string;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/**
 * The JSON that a server answers with.
 *
 * @throws SluiceError `model-failed`, whose cause has status and headers; `model-answer-invalid`, `secret-missing`; or
 * the signal's reason
 */
export async function postJson(server: ModelServer, request: ModelRequest): Promise<unknown> {
  const { url, shown, headers, secrets } = addressed(server, request.path);
  const { signal } = request;
  const failed = (thrown: unknown): never => {
    signal.throwIfAborted();
    throw unreachable(server, shown, thrown);
  };
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(request.body),
    signal,
  }).catch(failed);
  const text = await response.text().catch(failed);
  if (!response.ok) throw refused(server, { shown, response, text: hide(text, secrets) });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new SluiceError(
      "model-answer-invalid",
      `model ${server.model} at ${shown} answered no JSON: ${short(hide(text, secrets))}`,
      { hint: "Check the url: it is where the API begins, and usually ends in /v1." },
    );
  }
}

interface Addressed {
  readonly url: URL;
  /** The URL as it may be shown. */
  readonly shown: string;
  readonly headers: Headers;
  readonly secrets: readonly string[];
}

/** Credentials in the URL become a header, since `fetch` refuses them there. */
function addressed(server: ModelServer, path: string): Addressed {
  const url = new URL(server.url);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  const headers = new Headers({ "content-type": "application/json", accept: "application/json" });
  const secrets: string[] = [];
  if (url.username !== "" || url.password !== "") {
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    headers.set("authorization", `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
    secrets.push(password);
    url.username = "";
    url.password = "";
  }
  const key = server.apiKey?.reveal();
  if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
  if (key !== undefined) secrets.push(key);
  for (const [name, value] of Object.entries(server.headers)) {
    headers.set(name, value.reveal());
    secrets.push(value.reveal());
  }
  // A query may hold a key.
  return { url, shown: `${url.origin}${url.pathname}`, headers, secrets };
}

/** Servers repeat what they were sent. */
function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, value) => (value === "" ? shown : shown.replaceAll(value, "…")), text);
}

function unreachable({ model }: ModelServer, shown: string, thrown: unknown): SluiceError {
  const { cause } = thrown as { readonly cause?: unknown };
  const why =
    cause === undefined ? messageOf(thrown) : `${messageOf(thrown)}: ${messageOf(cause) || codeOf(cause)}`;
  return new SluiceError("model-failed", `model ${model} at ${shown} was not reached: ${why}`, {
    hint: "Check that the server runs, and the url.",
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string {
  return String((thrown as { readonly code?: unknown }).code ?? "");
}

interface Refused {
  readonly shown: string;
  readonly response: Response;
  readonly text: string;
}

function refused({ model }: ModelServer, { shown, response, text }: Refused): SluiceError {
  const { status } = response;
  const { message, code } = whatItSays(text);
  const cause = Object.assign(new Error(message), {
    status,
    headers: waitsOf(response.headers),
    // To wait does not fill an account.
    ...(code === "insufficient_quota" ? { transient: false } : {}),
  });
  const hint = hints[status];
  return new SluiceError("model-failed", `model ${model} at ${shown} answered ${status}: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

const hints: Readonly<Record<number, string>> = {
  401: "Check the apiKey.",
  403: "Check the apiKey, and whether it may use the model.",
  404: "Check the model's name, and the url: it is where the API begins, and usually ends in /v1.",
  405: "Check the url: it is where the API begins, and usually ends in /v1.",
};

/** Only what says how long to wait: the others are nobody's business. */
function waitsOf(headers: Headers): Record<string, string> {
  const names = ["retry-after", "retry-after-ms"];
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)!]] : [])));
}

/** The server's own message: OpenAI has it in `error.message`, Ollama in `error`, others in `message` or `detail`. */
function whatItSays(text: string): { readonly message: string; readonly code: unknown } {
  const said = parsed(text);
  const { error, message, detail } = said;
  const inner = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
  const found = [inner.message, error, message, detail].find(
    (part): part is string => typeof part === "string" && part !== "",
  );
  return { message: short(found ?? text) || "nothing", code: inner.code };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
