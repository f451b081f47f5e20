/** About how many bytes a value takes in memory: enough to bound what is in flight. */
export function roughSize(value: unknown): number {
  switch (typeof value) {
    case "string":
      return 16 + value.length;
    case "object":
      return value === null ? 8 : sizeOfObject(value);
    default:
      return 8;
  }
}

function sizeOfObject(value: object): number {
  if (ArrayBuffer.isView(value)) return 32 + value.byteLength;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let size = 16;
  for (const member of members) size += 8 + roughSize(member);
  return size;
}
