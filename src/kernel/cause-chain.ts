/** An error, its cause, the cause of that, and so on; none twice, since users' errors may form a ring. */
export function causeChain(error: unknown): readonly Readonly<Record<string, unknown>>[] {
  const chain: Readonly<Record<string, unknown>>[] = [];
  let at = error;
  while (typeof at === "object" && at !== null && !chain.includes(at as (typeof chain)[number])) {
    chain.push(at as (typeof chain)[number]);
    at = (at as { readonly cause?: unknown }).cause;
  }
  return chain;
}
