import { createCodeDigest } from "./code/index.ts";

/** One for the process: what it has read of code it need not read again. */
export const codeDigest = createCodeDigest();
