export { type PayloadIndex, type PayloadIndexType, payloadIndex } from "./payload-index.ts";
export { qdrant } from "./qdrant.ts";
export type { QdrantClientShape } from "./qdrant-client.ts";
export type { QdrantConnection, QdrantOptions } from "./qdrant-spec.ts";
