const slabBytes = 16 * 1024;
/** What is larger gets memory of its own: a slab would be left half empty for it. */
const mostInSlab = 2048;
/** Below this the engine keeps the bytes in its own heap, which is quicker still. */
const leastInSlab = 64;

let slab = new Uint8Array(slabBytes);
let used = 0;

/**
 * A copy that is nobody else's. Copies of one time share their memory's block: a block of its own costs an allocation
 * outside of the heap, which takes a microsecond and weighs on the garbage collector. Its `buffer` is therefore not
 * its own.
 */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > mostInSlab || length < leastInSlab) return bytes.slice();
  if (used + length > slabBytes) {
    slab = new Uint8Array(slabBytes);
    used = 0;
  }
  const copy = slab.subarray(used, used + length);
  copy.set(bytes);
  used += length;
  return copy;
}
