import { type Problem, problem } from "../oracle/problem.ts";

/** Most rounds take a second; one that takes so long hangs. */
const longestMs = 90_000;

/** What a round comes to, or that it hangs; `where` is asked then. */
export async function withoutHang(
  run: () => Promise<Problem | null>,
  where: () => string,
): Promise<Problem | null> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<Problem>((resolve) => {
    timer = setTimeout(() => resolve(problem("hangs", where())), longestMs);
  });
  try {
    return await Promise.race([run(), hangs]);
  } finally {
    clearTimeout(timer);
  }
}
