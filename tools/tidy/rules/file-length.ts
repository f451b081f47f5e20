import { isTestFile } from "../../project/source-tree.ts";
import type { TidyRule } from "../rule.ts";

const longest = { source: 500, test: 800 } as const;

export const fileLength: TidyRule = {
  name: "file-length",
  reason: "a file that does one thing fits in one reading",
  check: ({ modules }) =>
    modules.flatMap(({ path, text }) => {
      const lines = text.replace(/\n$/, "").split("\n").length;
      const most = isTestFile(path) || path.startsWith("test/") ? longest.test : longest.source;
      return lines > most
        ? [{ file: path, line: most, message: `has ${lines} lines of at most ${most}` }]
        : [];
    }),
};
