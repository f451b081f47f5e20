import { range, table } from "sluice";
import { z } from "zod";

/** What splitters yield: pieces by where they begin and end. */
export const pieces = table(z.object({ location: range(), text: z.string() }), { key: ["location"] });

let made = 0;

/** How many pieces the splitters have made in this process. */
export function piecesMade(): number {
  return made;
}

/** Texts that follow each other, with their places. */
export function located(texts: readonly string[]): { location: [number, number]; text: string }[] {
  made += texts.length;
  let end = 0;
  return texts.map((text) => {
    const start = end;
    end += text.length;
    return { location: [start, end], text };
  });
}
