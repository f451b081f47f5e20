import type { TidyProject, TidyRule, Untidiness } from "../rule.ts";

/** Put together from parts, so that the rule does not find itself. */
const machinePath = new RegExp(String.raw`(?<![\w.}\])*@-])/(?:${["work", "root", "home"].join("|")})/`);
const registryHost = new RegExp(
  ["registry", String.raw`\.(?:npmjs|yarnpkg|npmmirror)\.`].join("") +
    String.raw`|https?://[\w.-]*(?:registry|artifactory|nexus)[\w.-]*[:/]`,
);

export const noWorkplace: TidyRule = {
  name: "workplace",
  reason: "paths and hosts of one machine break on every other one, and tell about it",
  check: (project) => project.files.flatMap((file) => findInText(project, file)),
};

function findInText(project: TidyProject, file: string): Untidiness[] {
  const text = project.read(file);
  if (text.includes("\0")) return [];
  return text.split("\n").flatMap((content, index) => {
    const match = machinePath.exec(content) ?? registryHost.exec(content);
    return match ? [{ file, line: index + 1, message: `names ${match[0]}` }] : [];
  });
}
