import { z } from "zod";
import { isNamedConnection, type NamedConnection } from "../../contracts/named-connection.ts";
import { type Secret, secret } from "../../contracts/secret.ts";
import type { Json } from "../../contracts/target.ts";
import type { QdrantClientShape } from "./client-shape.ts";

/** What a named connection of Qdrant stands for: an address and a key, or a `QdrantClient` of yours. */
export type QdrantConnection =
  | { readonly url: string; readonly apiKey?: string | undefined }
  | QdrantClientShape;

/** Where a collection of Qdrant is. One of `url` and `connection` is given. */
export interface QdrantOptions {
  /** The address of the server's REST interface, such as `"http://localhost:6333"`. */
  readonly url?: string | undefined;
  /** The server's API key, as `env("QDRANT_API_KEY")`; it is never stored or shown. */
  readonly apiKey?: Secret | undefined;
  /** A connection that `defineConnection` names. */
  readonly connection?: NamedConnection<QdrantConnection> | undefined;
  /**
   * The collection's name; `flow__target` where left out, with the app namespace and `__` before it where there is one.
   */
  readonly collection?: string | undefined;
}

/** Where a server is, and its key, as they are stored and shown. */
export type ServerReference = { readonly url: string } | { readonly connection: string };
export interface KeyReference {
  readonly env: string;
}

const keyReference = z.strictObject({ env: z.string() });

export const connectionOptions = z.object({ url: z.string(), apiKey: z.string().optional() });

const address = z
  .string()
  .refine(isAddress, "must be an address such as http://localhost:6333, without credentials")
  .transform((url) => url.replace(/\/+$/, ""));

export const qdrantSpec = z
  .strictObject({
    url: address.optional(),
    apiKey: secret()
      .refine(({ reference }) => keyReference.safeParse(reference).success, {
        error: 'must be env("NAME"): what is given in code would be lost to a later process',
      })
      .transform(({ reference }): KeyReference => keyReference.parse(reference))
      .optional(),
    connection: z
      .custom<NamedConnection<QdrantConnection>>(isNamedConnection, { error: "must be defineConnection(…)" })
      .optional(),
    collection: z
      .string()
      .regex(/^[^<>:"/\\|?*\0\p{Cc}]{1,255}$/u, "has characters that collections cannot have in their names")
      .optional(),
  })
  .refine(({ url, connection }) => (url === undefined) !== (connection === undefined), {
    error: "give one of `url` and `connection`",
  })
  .transform(({ url, apiKey, connection, collection }) => ({
    server: (url === undefined ? { connection: connection!.name } : { url }) satisfies ServerReference,
    apiKey: apiKey ?? null,
    collection: collection ?? null,
  }));

export type QdrantSpec = z.output<typeof qdrantSpec>;

const storedPlace = z.object({
  server: z.union([z.strictObject({ url: z.string() }), z.strictObject({ connection: z.string() })]),
  collection: z.string(),
});

/** A collection of a server: the persistent key of the target. */
export type QdrantPlace = z.output<typeof storedPlace>;

export function placeOf(key: Json): QdrantPlace {
  return storedPlace.parse(key);
}

export function describePlace({ server, collection }: QdrantPlace): string {
  const where = "url" in server ? server.url : `connection ${server.connection}`;
  return `Qdrant collection ${collection} at ${where}`;
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
