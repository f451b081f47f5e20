import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Finding } from "../project/finding.ts";

/** Relative links of a Markdown text that lead nowhere, and anchors that no heading makes. */
export function findDeadLinks(root: string, file: string, text: string): Finding[] {
  return prose(text).flatMap((content, index) =>
    [
      ...content
        .replace(/`[^`]*`/g, "")
        .matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\s*\[[^\]]+\]:\s*(\S+)/g),
    ].flatMap((match) => {
      const message = judgeLink(root, file, match[1] ?? match[2] ?? "");
      return message === null ? [] : [{ rule: "link", file, line: index + 1, message }];
    }),
  );
}

function judgeLink(root: string, file: string, link: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return null;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? file : posix.join(posix.dirname(file), decodeURIComponent(path));
  if (target.startsWith("../") || !existsSync(join(root, target))) return `${link} leads nowhere`;
  if (anchor === undefined || !target.endsWith(".md")) return null;
  const anchors = headingAnchors(readFileSync(join(root, target), "utf8"));
  return anchors.has(anchor) ? null : `${target} has no heading #${anchor}`;
}

/** The anchors that GitHub and npm give headings. */
function headingAnchors(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of prose(text)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const base = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let anchor = base;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${base}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The lines with fenced code blanked out, since what looks like a link there is none. */
function prose(text: string): string[] {
  let fence: string | null = null;
  return text.split("\n").map((line) => {
    const marks = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (marks === undefined) return fence === null ? line : "";
    if (fence === null) fence = marks;
    else if (marks.startsWith(fence)) fence = null;
    return "";
  });
}
