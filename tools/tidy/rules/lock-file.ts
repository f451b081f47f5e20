import type { TidyRule } from "../rule.ts";

export const lockFile: TidyRule = {
  name: "lock-file",
  reason: "addresses in the lock file tie an installation to one registry (see .npmrc)",
  check: (project) =>
    project.files
      .filter((path) => path.endsWith("package-lock.json"))
      .flatMap((file) =>
        project
          .read(file)
          .split("\n")
          .flatMap((content, index) =>
            /^\s*"resolved": "https?:/.test(content)
              ? [{ file, line: index + 1, message: "has a resolved address" }]
              : [],
          ),
      ),
};
