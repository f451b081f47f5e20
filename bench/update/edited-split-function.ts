import { defineFunction } from "sluice";
import { z } from "zod";
import { located, pieces } from "./pieces.ts";
import { splitPageAgain } from "./split-page.ts";

/** `split` after an edit of its code, which changes nothing of what it yields. */
export const editedSplit = defineFunction({
  name: "split",
  input: { text: z.string() },
  output: pieces,
  run: ({ text }) => located(splitPageAgain(text)),
});
