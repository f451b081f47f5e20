/** What is used of a `QdrantClient` of `@qdrant/js-client-rest`; one of yours is taken by its shape. */
export interface QdrantClientShape {
  collectionExists(collection: string): Promise<{ exists: boolean }>;
  getCollection(collection: string): Promise<unknown>;
  createCollection(collection: string, options: never): Promise<unknown>;
  updateCollection(collection: string, options: never): Promise<unknown>;
  deleteCollection(collection: string): Promise<unknown>;
  createPayloadIndex(collection: string, options: never): Promise<unknown>;
  deletePayloadIndex(collection: string, field: string, options: never): Promise<unknown>;
  upsert(collection: string, options: never): Promise<unknown>;
  delete(collection: string, options: never): Promise<unknown>;
  scroll(collection: string, options: never): Promise<unknown>;
}
