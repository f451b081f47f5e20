/** Waits for every one, whatever becomes of the others, and then throws the first error. */
export async function allOf(works: Iterable<Promise<unknown>>): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
