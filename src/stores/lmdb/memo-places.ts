const placeBytes = 8;

/** Places of memos, as a row's list of them is stored. */
export function packPlaces(places: Iterable<number>): Uint8Array {
  const list = Float64Array.from(places);
  const packed = Buffer.allocUnsafe(list.length * placeBytes);
  for (const [i, place] of list.entries()) packed.writeDoubleLE(place, i * placeBytes);
  return packed;
}

export function unpackPlaces(packed: Uint8Array): number[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  return Array.from({ length: packed.length / placeBytes }, (_, i) => view.getFloat64(i * placeBytes, true));
}
