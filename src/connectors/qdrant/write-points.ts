import { z } from "zod";
import type { TargetRow } from "../../contracts/target.ts";
import { type Fields, fromPoint, type PointShape, pointId, type RowMutation, toPoint } from "./points.ts";
import { type QdrantCalls, qdrantError } from "./qdrant-client.ts";

const pointsPerRequest = 256;
const idsPerRequest = 4_096;

/** A collection that is written to and read. */
export interface OpenCollection {
  readonly client: QdrantCalls;
  readonly collection: string;
  readonly shape: PointShape;
  /** The collection in words. */
  readonly name: string;
}

export async function writePoints(
  { client, collection, shape, name }: OpenCollection,
  mutations: readonly RowMutation[],
): Promise<void> {
  const last = new Map(mutations.map((mutation) => [pointId(shape.keyFields, mutation.key), mutation]));
  const points = [...last.values()].flatMap(({ key, value }) => (value ? [toPoint(shape, key, value)] : []));
  const gone = [...last].flatMap(([id, { value }]) => (value ? [] : [id]));
  try {
    for (const part of inParts(points, pointsPerRequest)) {
      await client.upsert(collection, { wait: true, points: part });
    }
    for (const part of inParts(gone, idsPerRequest)) {
      await client.delete(collection, { wait: true, points: part });
    }
  } catch (thrown) {
    throw qdrantError(thrown, `${name} was not written`);
  }
}

const page = z.object({
  points: z.array(
    z.object({
      id: z.union([z.string(), z.number()]),
      payload: z.record(z.string(), z.unknown()).nullish(),
      vector: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  next_page_offset: z.union([z.string(), z.number()]).nullish(),
});

/** Every row of a collection, in pages. */
export async function* readPoints({
  client,
  collection,
  shape,
  name,
}: OpenCollection): AsyncGenerator<readonly TargetRow<Fields, Fields>[]> {
  let offset: string | number | null | undefined;
  do {
    const asked = { limit: pointsPerRequest, with_payload: true, with_vector: true };
    const { points, next_page_offset } = page.parse(
      await client
        .scroll(collection, offset === undefined ? asked : { ...asked, offset })
        .catch((thrown: unknown) => {
          throw qdrantError(thrown, `${name} was not read`);
        }),
    );
    yield points.map(({ payload, vector }) =>
      fromPoint(shape, { payload: payload ?? {}, vector: vector ?? {} }),
    );
    offset = next_page_offset ?? null;
  } while (offset !== null);
}

function inParts<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
