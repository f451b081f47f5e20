/** The functions that Sluice brings: `sluice/functions`. */
export {
  type Chunk,
  type ChunkPosition,
  detectProgrammingLanguage,
  splitBySeparators,
  splitRecursively,
} from "./split/index.ts";
