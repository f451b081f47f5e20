/** What a piece of a page has at most, in characters. */
const mostCharacters = 1_000;

/**
 * Cuts a page into pieces of at most a thousand characters: after the last blank line that fits, else after the last
 * line, else after the last word, else in the middle of one. One after the other they are the page.
 */
export function splitPage(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (text.length - from > mostCharacters) {
    const end = cutOf(text, from, from + mostCharacters);
    pieces.push(text.slice(from, end));
    from = end;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

function cutOf(text: string, from: number, limit: number): number {
  for (const mark of ["\n\n", "\n", " "]) {
    const at = text.lastIndexOf(mark, limit - mark.length);
    if (at >= from) return at + mark.length;
  }
  return limit;
}

/** The same by other code: what an edit of the splitter is that changes nothing of what comes out. */
export function splitPageAgain(text: string): string[] {
  const pieces: string[] = [];
  for (let rest = text; rest !== ""; rest = rest.slice(pieces.at(-1)!.length)) pieces.push(firstPiece(rest));
  return pieces;
}

function firstPiece(text: string): string {
  if (text.length <= mostCharacters) return text;
  const head = text.slice(0, mostCharacters);
  const ends = ["\n\n", "\n", " "].map((mark) => head.lastIndexOf(mark) + mark.length);
  const end = ends.find((candidate, i) => candidate > [1, 0, 0][i]!);
  return end === undefined ? head : head.slice(0, end);
}
