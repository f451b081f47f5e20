/** Gives a page a number, at its beginning and at its end, so that half of a page has none. */
export function stampPage(page: string, stamp: number): string {
  return `Stamp: ${stamp}\n\n${page}\n\nStamp: ${stamp}\n`;
}

/** The number of a page; 0 where it has none, or is not whole. */
export function stampOf(page: string): number {
  const [, first] = /^Stamp: (\d+)\n/.exec(page) ?? [];
  return first !== undefined && page.endsWith(`\nStamp: ${first}\n`) ? Number(first) : 0;
}
