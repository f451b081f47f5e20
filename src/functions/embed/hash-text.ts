/** Letters with their marks, and digits, of any script: property classes are data of Unicode, and not of a locale. */
const words = /[\p{L}\p{M}\p{N}]+/gu;

/** From here on in Unicode scripts write words without spaces between, of few characters each. */
const firstUnspaced = 0x2e80;

/** What a part of a word counts, where the word counts 1. */
const partWeight = 0.5;

/** The vector of length 1 that the words of a text and their parts are hashed to; see {@link hashingEmbed}. */
export function hashText(text: string, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  const normal = text.normalize("NFKC").toLowerCase();
  for (const word of normal.match(words) ?? []) addWord(sums, word);
  return ofLength1(sums);
}

/** Short words, which mean less, have no parts: so they count less. */
function addWord(sums: Float64Array, word: string): void {
  add(sums, hashOf(word, 0, word.length), 1);
  const size = word.charCodeAt(0) >= firstUnspaced ? 2 : 3;
  if (word.length <= size) return;
  for (let at = 0; at + size <= word.length; at++)
    add(sums, hashOf(word, at, at + size) ^ partOf, partWeight);
}

/** Keeps the part of a word apart from the word that reads the same. */
const partOf = 0x5bd1e995;

function add(sums: Float64Array, hash: number, weight: number): void {
  const mixed = mix(hash);
  const place = (mixed >>> 1) % sums.length;
  sums[place]! += mixed & 1 ? weight : -weight;
}

/** FNV-1a over code units: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The finaliser of MurmurHash3, which makes every bit depend on every bit: FNV's low bits alone are poor. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function ofLength1(sums: Float64Array): Float32Array {
  let squares = 0;
  for (let i = 0; i < sums.length; i++) squares += sums[i]! * sums[i]!;
  // A text without words has a vector too: none of its kind would have an angle to others.
  if (squares === 0) {
    sums[0] = 1;
    squares = 1;
  }
  const length = Math.sqrt(squares);
  const vector = new Float32Array(sums.length);
  for (let i = 0; i < sums.length; i++) vector[i] = sums[i]! / length;
  return vector;
}
