/** What tells a source from every other of the store. */
export function placeName({
  flowNumber,
  source,
}: {
  readonly flowNumber: number;
  readonly source: number;
}): string {
  return `${flowNumber}/${source}`;
}
