import type { TidyRule } from "../rule.ts";

const part = "[a-z0-9]+(-[a-z0-9]+)*";
const kebabCase = new RegExp(`^\\.?${part}(\\.${part})*$`);
const capitals = new Set(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"]);

export const fileNames: TidyRule = {
  name: "file-names",
  reason: "kebab-case reads the same on file systems that ignore case and on those that do not",
  check: ({ files }) =>
    files
      .filter((path) => /^(src|tools|test|docs)\//.test(path) || /\.(ts|md)$/.test(path))
      .filter((path) => !/^examples\/[^/]+\/data\//.test(path))
      .filter((path) => !path.split("/").every((name) => capitals.has(name) || kebabCase.test(name)))
      .map((file) => ({ file, line: 1, message: "is not in kebab-case" })),
};
