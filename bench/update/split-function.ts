import { defineFunction } from "sluice";
import { z } from "zod";
import { located, pieces } from "./pieces.ts";
import { splitPage } from "./split-page.ts";

export const split = defineFunction({
  name: "split",
  input: { text: z.string() },
  output: pieces,
  run: ({ text }) => located(splitPage(text)),
});
