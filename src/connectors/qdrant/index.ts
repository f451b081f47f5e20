export type { QdrantClientShape } from "./client-shape.ts";
export { type PayloadIndex, type PayloadIndexType, payloadIndex } from "./payload-index.ts";
export { qdrant } from "./qdrant.ts";
export type { QdrantConnection, QdrantOptions } from "./qdrant-spec.ts";
