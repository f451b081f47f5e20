export type { Chunk, ChunkPosition } from "./chunk.ts";
export { detectProgrammingLanguage } from "./detect-programming-language.ts";
export { splitBySeparators } from "./split-by-separators.ts";
export { splitRecursively } from "./split-recursively.ts";
