import type { TidyRule } from "../rule.ts";

const drawers = new Set(["utils", "util", "helpers", "helper", "common", "types", "misc"]);

export const noDrawers: TidyRule = {
  name: "drawers",
  reason: "a drawer takes anything, so nobody finds it again; name a file after what it exports",
  check: ({ files }) =>
    files
      .filter((path) => /^(src|tools)\//.test(path))
      .filter((path) => path.split("/").some((name) => drawers.has(name.replace(/\..*$/, ""))))
      .map((file) => ({ file, line: 1, message: "stands in a drawer" })),
};
