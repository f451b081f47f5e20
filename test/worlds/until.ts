/** Waits, turn by turn, until something holds; a bound of real time keeps a mistake from hanging. */
export async function until(holds: () => boolean | Promise<boolean>, what = "it"): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come to pass within ten seconds`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
