import { defineTarget } from "../../contracts/define-target.ts";
import type { ExportNames, PrepareContext, TargetUse } from "../../contracts/target.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { changeCollection, inspectCollection } from "./change-collection.ts";
import { compareStates, isVectorField, vectorsOf, wantedState } from "./collection-state.ts";
import type { RowMutation } from "./points.ts";
import { connectQdrant, qdrantError } from "./qdrant-client.ts";
import {
  describePlace,
  type KeyReference,
  placeOf,
  type QdrantOptions,
  type QdrantPlace,
  type QdrantSpec,
  qdrantSpec,
} from "./qdrant-spec.ts";
import { type OpenCollection, readPoints, writePoints } from "./write-points.ts";

/**
 * A collection of Qdrant: a point for each row, a named vector for each vector of fixed dimension (a list of them is a
 * multi-vector), everything else in the payload. Needs the package `@qdrant/js-client-rest`.
 *
 * @example
 * collector.export("Chunks", qdrant({ url: "http://localhost:6333", apiKey: env("QDRANT_API_KEY") }), {
 *   primaryKeyFields: ["filename", "location"],
 *   vectorIndexes: [{ field: "embedding", metric: "cosine" }],
 *   attachments: [payloadIndex("language", "keyword")],
 * });
 *
 * @throws SluiceError `spec-invalid`
 */
export function qdrant(options: QdrantOptions): TargetUse<unknown, unknown> {
  return qdrantTarget(options);
}

/** The keys of servers, by place, for those who know the place alone. */
const knownKeys = new Map<string, KeyReference | null>();

const qdrantTarget = defineTarget({
  kind: "qdrant",
  spec: qdrantSpec,
  getPersistentKey(spec, _targetName, names) {
    const place = placeFor(spec, names);
    knownKeys.set(canonicalJson(place), spec.apiKey);
    return place;
  },
  setupState: wantedState,
  compare: compareStates,
  describe: (key) => describePlace(placeOf(key)),
  async applySetupChange(change) {
    try {
      await changeCollection(change);
    } catch (thrown) {
      throw qdrantError(thrown, `${describePlace(placeOf(change.key))} was not set up`);
    }
  },
  async inspect(key) {
    const place = placeOf(key);
    try {
      return await inspectCollection(place, knownKeys.get(canonicalJson(place)) ?? null);
    } catch (thrown) {
      throw qdrantError(thrown, `${describePlace(place)} was not looked at`);
    }
  },
  prepare: (spec: QdrantSpec, context: PrepareContext) => openCollection(spec, context),
  async mutate(batches, { signal }) {
    for (const { target, mutations } of batches) {
      signal.throwIfAborted();
      await writePoints(target, mutations as readonly RowMutation[]);
    }
  },
  readBack: (target: OpenCollection) => readPoints(target),
});

async function openCollection(spec: QdrantSpec, context: PrepareContext): Promise<OpenCollection> {
  const { schema, indexes } = context;
  const place = placeFor(spec, context);
  return {
    client: await connectQdrant(spec.server, spec.apiKey),
    collection: place.collection,
    name: describePlace(place),
    shape: {
      keyFields: schema.keyFields,
      payloadFields: schema.valueFields.filter((field) => !isVectorField(field)),
      vectorFields: schema.valueFields.filter(isVectorField),
      vectors: vectorsOf(schema, indexes.vector),
    },
  };
}

function placeFor(
  { server, collection }: QdrantSpec,
  { defaultName }: Pick<ExportNames, "defaultName">,
): QdrantPlace {
  return { server, collection: collection ?? defaultName };
}
