import { collectComments } from "../../project/comments.ts";
import type { TidyRule } from "../rule.ts";

export const noSuppressions: TidyRule = {
  name: "suppressions",
  reason: "a suppressed error goes on being hidden when it has become another one; @ts-expect-error does not",
  check: (project) => findInComments(project, /@ts-(?:ignore|nocheck)\b/),
};

export const noPromises: TidyRule = {
  name: "unfinished",
  reason: "work that is put off belongs where it is planned; in the code nobody comes back for it",
  check: (project) => findInComments(project, /\b(?:TODO|FIXME|XXX|HACK)\b/),
};

function findInComments(
  project: Parameters<TidyRule["check"]>[0],
  pattern: RegExp,
): ReturnType<TidyRule["check"]> {
  return project.modules.flatMap((module) =>
    collectComments(module).flatMap(({ text, line }) => {
      const match = pattern.exec(text);
      if (!match) return [];
      const within = text.slice(0, match.index).split("\n").length - 1;
      return [{ file: module.path, line: line + within, message: `says ${match[0]}` }];
    }),
  );
}
