import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/**
 * Answers as the published REST interface of Qdrant does (api.qdrant.tech), for the requests that the connector and its
 * tests make, and refuses what the real server refuses. It keeps collections in memory.
 */
export class QdrantDouble {
  readonly collections = new Map<string, Collection>();
  /** Called with `PUT /path` before a request is carried out and with `done PUT /path` after it; throw to fail it. */
  at: (moment: string) => void = () => {};
  /** The key that requests must bring; none where null. */
  apiKey: string | null = null;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<QdrantDouble> {
    const double = new QdrantDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, "127.0.0.1", resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url!, "http://double");
    const moment = `${request.method} ${pathname}`;
    const reply = (code: number, body: object) => {
      response.writeHead(code, { "content-type": "application/json" });
      response.end(JSON.stringify({ ...body, time: 0.0001 }));
    };
    try {
      if (this.apiKey !== null && request.headers["api-key"] !== this.apiKey) {
        throw new Refusal(401, "Must provide an API key or an Authorization bearer token");
      }
      this.at(moment);
      const body: unknown = text === "" ? {} : JSON.parse(text);
      const result = this.#do(moment, body, searchParams.get("wait") === "true");
      this.at(`done ${moment}`);
      reply(200, { result, status: "ok" });
    } catch (thrown) {
      const code = thrown instanceof Refusal ? thrown.code : thrown instanceof z.ZodError ? 400 : 500;
      reply(code, { status: { error: thrown instanceof Error ? thrown.message : String(thrown) } });
    }
  }

  #do(moment: string, body: unknown, waits: boolean): unknown {
    const [, method, encoded, rest = ""] = /^(\w+) \/collections\/([^/]+)(\/.*)?$/.exec(moment) ?? [];
    if (method === undefined) throw new Refusal(404, `no such path: ${moment}`);
    const name = decodeURIComponent(encoded!);
    const found = this.collections.get(name);
    const operation = `${method} ${rest.replace(/^\/index\/.+/, "/index/*")}`;
    if (operation === "GET /exists") return { exists: found !== undefined };
    if (operation === "DELETE ") return this.collections.delete(name);
    if (operation === "PUT ") {
      if (found) throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
      this.collections.set(name, new Collection(created.parse(body).vectors));
      return true;
    }
    if (!found) throw new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
    return found.do(operation, body, { waits, indexed: decodeURIComponent(rest.slice("/index/".length)) });
  }
}

class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const graph = z.strictObject({ m: z.int().min(0).optional(), ef_construct: z.int().min(4).optional() });
const vectorParams = z.strictObject({
  size: z.int().min(1).max(65_536),
  distance: z.enum(["Cosine", "Euclid", "Dot", "Manhattan"]),
  hnsw_config: graph.optional(),
  multivector_config: z.strictObject({ comparator: z.literal("max_sim") }).optional(),
});
const created = z.strictObject({ vectors: z.record(z.string(), vectorParams) });
const updated = z.strictObject({
  vectors: z.record(z.string(), z.strictObject({ hnsw_config: graph })).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
const uuidForms = [
  /^[0-9a-f]{32}$/i,
  /^(urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
];
const pointIdForm = z.union([
  z.int().min(0),
  z.string().refine((id) => uuidForms.some((form) => form.test(id)), {
    error: "value is not a valid point ID, valid values are either an unsigned integer or a UUID",
  }),
]);
const upserted = z.strictObject({
  points: z
    .array(
      z.strictObject({
        id: pointIdForm,
        vector: z.record(z.string(), z.union([z.array(z.number()), z.array(z.array(z.number())).min(1)])),
        payload: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .min(1, "Empty update request"),
});
const deleted = z.strictObject({ points: z.array(pointIdForm) });
const scrolled = z.strictObject({
  limit: z.int().min(1).optional(),
  offset: pointIdForm.optional(),
  with_payload: z.boolean().optional(),
  with_vector: z.boolean().optional(),
});
const indexTypes = ["keyword", "integer", "float", "bool", "datetime", "uuid", "geo"] as const;
const indexCreated = z.strictObject({
  field_name: z.string().min(1),
  field_schema: z.union([
    z.enum([...indexTypes, "text"]),
    z.strictObject({
      type: z.literal("text"),
      tokenizer: z.enum(["word", "whitespace", "prefix", "multilingual"]).optional(),
      lowercase: z.boolean().optional(),
      min_token_len: z.int().min(0).optional(),
      max_token_len: z.int().min(0).optional(),
    }),
  ]),
});
const queried = z.strictObject({
  query: z.array(z.number()),
  using: z.string(),
  limit: z.int().min(1).optional(),
  with_payload: z.boolean().optional(),
  filter: z
    .strictObject({
      must: z.array(
        z.strictObject({
          key: z.string(),
          match: z.union([
            z.strictObject({ value: z.union([z.string(), z.int(), z.boolean()]) }),
            z.strictObject({ text: z.string() }),
          ]),
        }),
      ),
    })
    .optional(),
});

type VectorParams = z.output<typeof vectorParams>;
type Vector = number[] | number[][];

interface StoredPoint {
  readonly id: string | number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly vector: Readonly<Record<string, Vector>>;
}

interface Asked {
  readonly waits: boolean;
  readonly indexed: string;
}

class Collection {
  readonly points = new Map<string | number, StoredPoint>();
  readonly indexes = new Map<string, unknown>();
  metadata: Record<string, unknown> = {};
  readonly vectors: Record<string, VectorParams>;

  constructor(vectors: Record<string, VectorParams>) {
    this.vectors = vectors;
  }

  do(operation: string, body: unknown, { waits, indexed }: Asked): unknown {
    const acknowledged = { operation_id: 0, status: waits ? "completed" : "acknowledged" };
    switch (operation) {
      case "GET ":
        return this.#info();
      case "PATCH ":
        this.#update(updated.parse(body));
        return true;
      case "PUT /points":
        this.#upsert(upserted.parse(body).points);
        return acknowledged;
      case "POST /points/delete":
        for (const id of deleted.parse(body).points) this.points.delete(canonicalId(id));
        return acknowledged;
      case "POST /points/scroll":
        return this.#scroll(scrolled.parse(body));
      case "POST /points/query":
        return { points: this.#query(queried.parse(body)) };
      case "PUT /index": {
        const { field_name, field_schema } = indexCreated.parse(body);
        this.indexes.set(field_name, field_schema);
        return acknowledged;
      }
      case "DELETE /index/*":
        this.indexes.delete(indexed);
        return acknowledged;
      default:
        throw new Refusal(404, `no such operation: ${operation}`);
    }
  }

  #info(): unknown {
    const schemas = [...this.indexes].map(([field, schema]) => {
      const type = typeof schema === "string" ? schema : "text";
      return [field, { data_type: type, ...(typeof schema === "object" && { params: schema }), points: 0 }];
    });
    return {
      status: "green",
      points_count: this.points.size,
      segments_count: 1,
      config: {
        params: { vectors: this.vectors },
        ...(Object.keys(this.metadata).length > 0 && { metadata: this.metadata }),
      },
      payload_schema: Object.fromEntries(schemas),
    };
  }

  #update({ vectors = {}, metadata }: z.output<typeof updated>): void {
    for (const [name, { hnsw_config }] of Object.entries(vectors)) {
      const params = this.#params(name);
      this.vectors[name] = { ...params, hnsw_config: { ...params.hnsw_config, ...hnsw_config } };
    }
    if (metadata) this.metadata = { ...this.metadata, ...metadata };
  }

  /** All of a request or nothing of it. */
  #upsert(points: z.output<typeof upserted>["points"]): void {
    const stored = points.map(({ id, vector, payload }) => ({
      id: canonicalId(id),
      payload: payload ?? {},
      vector: Object.fromEntries(
        Object.entries(vector).map(([name, given]) => [name, this.#vector(name, given)]),
      ),
    }));
    for (const point of stored) this.points.set(point.id, point);
  }

  #vector(name: string, given: Vector): Vector {
    const { size, distance, multivector_config } = this.#params(name);
    const isMulti = Array.isArray(given[0]);
    if (isMulti !== (multivector_config !== undefined)) {
      throw new Refusal(400, `Wrong input: Conversion between multi and regular vectors failed`);
    }
    const parts = (isMulti ? given : [given]) as number[][];
    const kept = parts.map((part) => {
      if (part.length !== size) {
        throw new Refusal(
          400,
          `Wrong input: Vector dimension error: expected dim: ${size}, got ${part.length}`,
        );
      }
      return stored32(distance === "Cosine" ? unit(part) : part);
    });
    return isMulti ? kept : kept[0]!;
  }

  #params(name: string): VectorParams {
    const params = this.vectors[name];
    if (!params) throw new Refusal(400, `Wrong input: Not existing vector name error: ${name}`);
    return params;
  }

  #scroll({ limit = 10, offset, with_payload = true, with_vector = false }: z.output<typeof scrolled>) {
    const ids = [...this.points.keys()].sort(inIdOrder);
    const from = offset === undefined ? 0 : ids.findIndex((id) => inIdOrder(id, canonicalId(offset)) >= 0);
    const shown = from < 0 ? [] : ids.slice(from, from + limit);
    const next = from < 0 ? undefined : ids[from + limit];
    return {
      points: shown.map((id) => {
        const { payload, vector } = this.points.get(id)!;
        return { id, payload: with_payload ? payload : null, ...(with_vector && { vector }) };
      }),
      next_page_offset: next ?? null,
    };
  }

  #query({ query, using, limit = 10, filter }: z.output<typeof queried>) {
    const { distance } = this.#params(using);
    const asked = this.#vector(using, query) as number[];
    const score = (held: number[]) =>
      distance === "Euclid"
        ? Math.hypot(...held.map((number, i) => number - asked[i]!))
        : held.reduce((sum, number, i) => sum + number * asked[i]!, 0);
    const matches = ({ payload }: StoredPoint) =>
      (filter?.must ?? []).every(({ key, match }) =>
        "text" in match
          ? words(match.text).every((word) => words(String(payload[key])).includes(word))
          : payload[key] === match.value,
      );
    const scored = [...this.points.values()]
      .filter((point) => point.vector[using] !== undefined && matches(point))
      .map(({ id, payload, vector }) => ({
        id,
        version: 0,
        payload,
        score: score(vector[using] as number[]),
      }));
    const sign = distance === "Euclid" ? 1 : -1;
    return scored.sort((a, b) => sign * (a.score - b.score)).slice(0, limit);
  }
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function canonicalId(id: string | number): string | number {
  if (typeof id === "number") return id;
  const hex = id.toLowerCase().replace("urn:uuid:", "").replaceAll("-", "");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Numbers before UUIDs. */
function inIdOrder(a: string | number, b: string | number): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function unit(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((number) => number / length);
}

function stored32(vector: number[]): number[] {
  return Array.from(Float32Array.from(vector));
}
