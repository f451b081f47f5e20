import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/** What a request is answered with in place of the usual answer. */
export type Fault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
    }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" }
  | { readonly kind: "text"; readonly text: string }
  /** Changes the usual answer. */
  | { readonly kind: "changed"; change(answer: EmbeddingsAnswer): unknown };

interface EmbeddingsAnswer {
  readonly object: "list";
  readonly model: string;
  readonly data: { object: "embedding"; index: number; embedding: (number | null)[] }[];
  readonly usage: { prompt_tokens: number; total_tokens: number };
}

const embeddingsRequest = z.strictObject({
  model: z.string(),
  input: z.array(z.string().min(1)).min(1),
  dimensions: z.int().optional(),
  user: z.string().optional(),
});

const chatRequest = z.strictObject({
  model: z.string(),
  messages: z
    .array(z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() }))
    .min(2),
  temperature: z.number().optional(),
  response_format: z
    .union([
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({
        type: z.literal("json_schema"),
        json_schema: z.strictObject({
          name: z.string(),
          strict: z.boolean(),
          schema: z.record(z.string(), z.json()),
        }),
      }),
    ])
    .optional(),
});

type EmbeddingsRequest = z.output<typeof embeddingsRequest>;
/** What a chat was asked with. */
export type ChatRequest = z.output<typeof chatRequest>;

/** A server on the loopback interface that speaks the HTTP API of OpenAI, and takes nothing that this does not have. */
export class ModelServer {
  /** Null: none is asked for. */
  apiKey: string | null = null;
  dimension = 4;
  /** More inputs than that are refused. */
  maxInputs = 2_048;
  /** A text with it in it is refused. */
  poison: string | null = null;
  /** What the next requests are answered with. */
  readonly faults: Fault[] = [];
  /** The requests that it understood, in order. */
  readonly embeddings: EmbeddingsRequest[] = [];
  readonly chats: ChatRequest[] = [];
  /** The headers of every request. */
  readonly headers: IncomingMessage["headers"][] = [];
  /** How many requests came, and how many of their connections ended before the answer. */
  requests = 0;
  leftWaiting = 0;
  /** What is said to a chat. */
  answerTo: (request: ChatRequest) => string | { readonly refusal: string } = () => "{}";
  /** Why answers to chats end. */
  finishReason = "stop";

  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<ModelServer> {
    const server = new ModelServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** Where its API begins. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The vector that it gives for a text. */
  vectorOf(text: string, dimension = this.dimension): number[] {
    return Array.from({ length: dimension }, (_, i) => ((text.charCodeAt(i % text.length) % 16) + i) / 16);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    this.headers.push(request.headers);
    response.on("close", () => {
      if (!response.writableFinished) this.leftWaiting++;
    });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const fault = this.faults.shift();
    if (fault?.kind === "hang") return;
    if (fault?.kind === "reset") return void request.socket.resetAndDestroy();
    if (fault?.kind === "text") return void response.writeHead(200).end(fault.text);
    if (fault?.kind === "status") return void say(response, fault.status, fault.body ?? {}, fault.headers);
    const refusal = this.#refusal(request);
    if (refusal) return refuse(response, refusal.status, refusal.message);
    const change = fault?.change ?? ((answer: unknown) => answer);
    if (request.url?.startsWith("/v1/embeddings")) return this.#embed(body, response, change);
    return this.#chat(body, response);
  }

  #refusal({ method, url, headers }: IncomingMessage): { status: number; message: string } | null {
    const path = url?.split("?")[0];
    if (path !== "/v1/embeddings" && path !== "/v1/chat/completions")
      return { status: 404, message: `Unknown path ${url}` };
    if (method !== "POST") return { status: 405, message: "Use POST" };
    if (headers["content-type"] !== "application/json") return { status: 415, message: "Send JSON" };
    const given = headers.authorization;
    if (this.apiKey === null && given === undefined) return null;
    return this.apiKey !== null && given === `Bearer ${this.apiKey}`
      ? null
      : { status: 401, message: `Incorrect API key provided: ${given}` };
  }

  #embed(body: string, response: ServerResponse, change: (answer: EmbeddingsAnswer) => unknown): undefined {
    const parsed = embeddingsRequest.safeParse(JSON.parse(body));
    if (!parsed.success) return refuse(response, 400, parsed.error.issues[0]!.message);
    const { model, input, dimensions } = parsed.data;
    this.embeddings.push(parsed.data);
    if (input.length > this.maxInputs) return refuse(response, 413, "too many inputs");
    if (this.poison !== null && input.some((text) => text.includes(this.poison!)))
      return refuse(response, 400, "cannot embed that");
    const data = input.map((text, index) => ({
      object: "embedding" as const,
      index,
      embedding: this.vectorOf(text, dimensions),
    }));
    const tokens = input.reduce((sum, text) => sum + text.length, 0);
    // In any order: each says which it is.
    const answer = {
      object: "list",
      model,
      data: data.reverse(),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    } as const;
    say(response, 200, change(answer));
  }

  #chat(body: string, response: ServerResponse): undefined {
    const parsed = chatRequest.safeParse(JSON.parse(body));
    if (!parsed.success) return refuse(response, 400, parsed.error.issues[0]!.message);
    this.chats.push(parsed.data);
    const answer = this.answerTo(parsed.data);
    const message =
      typeof answer === "string"
        ? { role: "assistant", content: answer }
        : { role: "assistant", content: null, refusal: answer.refusal };
    say(response, 200, {
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason: this.finishReason }],
      usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
    });
  }
}

function refuse(response: ServerResponse, status: number, message: string): undefined {
  say(response, status, { error: { message, code: null } });
}

function say(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));
}
