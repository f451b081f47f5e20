import ts from "typescript";
import { type ExportSite, ExportTrace } from "../../project/export-trace.ts";
import { readModuleTree } from "../../project/module-tree.ts";
import { readManifest, sourceEntries } from "../../project/package-manifest.ts";
import type { TidyRule, Untidiness } from "../rule.ts";

export const docComments: TidyRule = {
  name: "doc-comments",
  reason: "what users can import is explained where their editor shows it",
  check: ({ root, files }) => {
    const { modules } = readModuleTree(root, "src");
    const trace = new ExportTrace(modules);
    const published = new Set(sourceEntries(readManifest(root)).values());
    const entries = files.filter((path) => published.has(path) || isEntry(path));
    const sites = entries.flatMap((entry) =>
      [...trace.namesOf(entry)].flatMap((name) => trace.follow(entry, name).slice(-1)),
    );
    const undocumented = sites.filter((site) => !isDocumented(site)).map(complain);
    return [...new Map(undocumented.map((one) => [`${one.file}:${one.message}`, one])).values()];
  },
};

/** Public whether package.json names them yet or not. */
function isEntry(path: string): boolean {
  return /^src\/(index|testing\/index|(connectors|functions)\/[^/]+\/index)\.ts$/.test(path);
}

/** What comes from a package is documented there. One comment serves all overloads. */
function isDocumented({ exported }: ExportSite): boolean {
  if (exported.declarations.length === 0) return true;
  return exported.declarations.some((one) => ts.getJSDocCommentsAndTags(one).length > 0);
}

function complain({ file, exported }: ExportSite): Untidiness {
  return { file, line: exported.line, message: `${exported.name} is public and has no doc comment` };
}
