import { z } from "zod";
import type { SetupChange } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import {
  type CollectionState,
  collectionState,
  compareStates,
  type VectorState,
} from "./collection-state.ts";
import { connectQdrant, type QdrantCalls } from "./qdrant-client.ts";
import { describePlace, type KeyReference, placeOf, type QdrantPlace } from "./qdrant-spec.ts";

const collectionInfo = z.object({
  points_count: z.number().nullish(),
  payload_schema: z.record(z.string(), z.unknown()),
  config: z.object({
    params: z.object({ vectors: z.record(z.string(), z.unknown()).nullish() }),
    metadata: z.record(z.string(), z.unknown()).nullish(),
  }),
});

type CollectionInfo = z.output<typeof collectionInfo>;

/** Brings a collection from what it is to what it must be; what was done already is left. */
export async function changeCollection(change: SetupChange<CollectionState>): Promise<void> {
  const { previous, current } = change;
  const place = placeOf(change.key);
  const client = await connectQdrant(place.server, (current ?? previous)?.apiKey ?? null);
  const info = await lookUp(client, place.collection);
  if (current === null) {
    if (info === null) return;
    if (stateIn(info) === null && !isUnfinished(info)) throw foreign(place, "is not dropped");
    await client.deleteCollection(place.collection);
    return;
  }
  if (info === null) {
    await client.createCollection(place.collection, { vectors: vectorParams(current.vectors) });
  }
  await alter(client, place, current);
}

/** The state that a collection is in; null where there is none of ours. */
export async function inspectCollection(
  place: QdrantPlace,
  apiKey: KeyReference | null,
): Promise<CollectionState | null> {
  const info = await lookUp(await connectQdrant(place.server, apiKey), place.collection);
  return info && stateIn(info);
}

async function alter(client: QdrantCalls, place: QdrantPlace, wanted: CollectionState): Promise<void> {
  const { collection } = place;
  const info = await lookUp(client, collection);
  if (info === null) throw new Error(`collection ${collection} went away`);
  const found = stateIn(info);
  if (found === null && !isUnfinished(info)) throw foreign(place, "is left as it is");
  if (found !== null && compareStates(found, wanted) === "destructive") {
    throw new SluiceError("setup-failed", `${describePlace(place)} is there with other vectors or keys`, {
      hint: "Remove the collection, or let the export have another one.",
    });
  }
  await alterGraphs(client, collection, { found: found?.vectors ?? wanted.vectors, wanted: wanted.vectors });
  await alterIndexes(client, collection, { info, found, wanted });
  if (canonicalJson(found) === canonicalJson(wanted)) return;
  await client.updateCollection(collection, { metadata: { sluice: wanted } });
}

interface Graphs {
  readonly found: Readonly<Record<string, VectorState>>;
  readonly wanted: Readonly<Record<string, VectorState>>;
}

async function alterGraphs(
  client: QdrantCalls,
  collection: string,
  { found, wanted }: Graphs,
): Promise<void> {
  const changed = Object.entries(wanted).filter(
    ([name, { m, efConstruct }]) => found[name]?.m !== m || found[name]?.efConstruct !== efConstruct,
  );
  if (changed.length === 0) return;
  const vectors = changed.map(([name, vector]) => [name, { hnsw_config: graphOf(vector) }]);
  await client.updateCollection(collection, { vectors: Object.fromEntries(vectors) });
}

interface Indexes {
  readonly info: CollectionInfo;
  readonly found: CollectionState | null;
  readonly wanted: CollectionState;
}

async function alterIndexes(
  client: QdrantCalls,
  collection: string,
  { info, found, wanted }: Indexes,
): Promise<void> {
  const isKept = (field: string) =>
    canonicalJson(found?.indexes[field] ?? null) === canonicalJson(wanted.indexes[field] ?? null);
  const there = Object.keys(info.payload_schema);
  for (const field of there) {
    // What others have added is theirs.
    if (found?.indexes[field] === undefined || isKept(field)) continue;
    await client.deletePayloadIndex(collection, field, { wait: true });
  }
  for (const [field, schema] of Object.entries(wanted.indexes)) {
    if (there.includes(field) && isKept(field)) continue;
    await client.createPayloadIndex(collection, { field_name: field, field_schema: schema, wait: true });
  }
}

async function lookUp(client: QdrantCalls, collection: string): Promise<CollectionInfo | null> {
  const { exists } = await client.collectionExists(collection);
  return exists ? collectionInfo.parse(await client.getCollection(collection)) : null;
}

function stateIn({ config }: CollectionInfo): CollectionState | null {
  const parsed = collectionState.safeParse(config.metadata?.sluice);
  return parsed.success ? parsed.data : null;
}

/** A collection is marked in a second call: between the two it is empty, and says nothing of anyone. */
function isUnfinished({ points_count, config }: CollectionInfo): boolean {
  return !points_count && Object.keys(config.metadata ?? {}).length === 0;
}

function vectorParams(vectors: Readonly<Record<string, VectorState>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(vectors).map(([name, vector]) => [
      name,
      {
        size: vector.size,
        distance: vector.distance,
        hnsw_config: graphOf(vector),
        ...(vector.isMulti && { multivector_config: { comparator: "max_sim" } }),
      },
    ]),
  );
}

function graphOf({ m, efConstruct }: VectorState) {
  return { m, ef_construct: efConstruct };
}

function foreign(place: QdrantPlace, what: string): SluiceError {
  return new SluiceError("setup-conflict", `${describePlace(place)} was not made by Sluice and ${what}`, {
    hint: "Let the export have another collection, or say `setupByUser: true` to write to this one.",
  });
}
