import { connectionNamed } from "../../contracts/named-connection.ts";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { env } from "../../contracts/secret.ts";
import { isSluiceError, SluiceError } from "../../errors/index.ts";
import type { QdrantClientShape } from "./client-shape.ts";
import { connectionOptions, type KeyReference, type ServerReference } from "./qdrant-spec.ts";

type Body = Record<string, unknown>;

/** The same with what is given to it, as this connector gives it. */
export interface QdrantCalls {
  collectionExists(collection: string): Promise<{ exists: boolean }>;
  getCollection(collection: string): Promise<unknown>;
  createCollection(collection: string, options: Body): Promise<unknown>;
  updateCollection(collection: string, options: Body): Promise<unknown>;
  deleteCollection(collection: string): Promise<unknown>;
  createPayloadIndex(collection: string, options: Body): Promise<unknown>;
  deletePayloadIndex(collection: string, field: string, options: Body): Promise<unknown>;
  upsert(collection: string, options: Body): Promise<unknown>;
  delete(collection: string, options: Body): Promise<unknown>;
  scroll(collection: string, options: Body): Promise<unknown>;
}

/**
 * The client of a server. Nothing is sent yet.
 *
 * @throws SluiceError `connection-missing`, `secret-missing`, `package-missing`
 */
export async function connectQdrant(
  server: ServerReference,
  apiKey: KeyReference | null,
): Promise<QdrantCalls> {
  if ("url" in server) return openClient(server.url, apiKey && env(apiKey.env).reveal());
  const value = connectionNamed(server.connection);
  if (isClient(value)) return value as QdrantCalls;
  const parsed = connectionOptions.safeParse(value);
  if (parsed.success) return openClient(parsed.data.url, parsed.data.apiKey ?? null);
  throw new SluiceError("connection-missing", `connection ${server.connection} is no Qdrant server`, {
    hint: "Give defineConnection { url, apiKey } or a QdrantClient.",
  });
}

async function openClient(url: string, apiKey: string | null): Promise<QdrantCalls> {
  const { QdrantClient } = await optionalPackage(
    "@qdrant/js-client-rest",
    () => import("@qdrant/js-client-rest"),
  );
  // Its check of versions prints; its port would be 6333 whatever the address says.
  const port = Number(new URL(url).port) || (url.startsWith("https:") ? 443 : 80);
  const client: QdrantClientShape = new QdrantClient({
    url,
    port,
    checkCompatibility: false,
    ...(apiKey !== null && { apiKey }),
  });
  return client as QdrantCalls;
}

function isClient(value: unknown): value is QdrantClientShape {
  const has = (name: string) => typeof (value as Record<string, unknown>)[name] === "function";
  return typeof value === "object" && value !== null && has("upsert") && has("scroll");
}

/** An error of a client; where no other row would fare better, it says so. */
export function qdrantError(thrown: unknown, what: string): SluiceError {
  if (isSluiceError(thrown)) return thrown;
  const status = (thrown as { readonly status?: unknown } | null)?.status;
  const isRefused = status === 400 || status === 413 || status === 422;
  const isAnswered = typeof status === "number";
  const reason = isAnswered ? `${status} ${saidBy(thrown)}` : messageOf(thrown);
  return new SluiceError(isRefused ? "mutate-failed" : "target-unavailable", `${what}: ${reason}`, {
    ...(!isRefused && { hint: hintFor(status) }),
    cause: thrown,
  });
}

function hintFor(status: unknown): string {
  if (status === 401 || status === 403) return 'Give the server\'s API key: apiKey: env("QDRANT_API_KEY").';
  if (status === 404)
    return "Something else has removed the collection: drop the flow's targets and set them up.";
  return "See that the server runs and can be reached.";
}

function saidBy(thrown: unknown): string {
  const said = (thrown as { readonly data?: { readonly status?: { readonly error?: unknown } } }).data?.status
    ?.error;
  return typeof said === "string" ? said.slice(0, 500) : messageOf(thrown);
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? `${thrown.message} (${thrown.cause.message})` : thrown.message;
}
