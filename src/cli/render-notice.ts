import type { Notice } from "../app/events.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { wrapText } from "./wrap-text.ts";

const label = "note:";

/** What a user should know and no row fails for, in lines that fit the columns of a terminal; null: on one line. */
export function renderNotice(notice: Notice, style: Style, columns: number | null): string[] {
  const text = noticeText(notice);
  const indent = " ".repeat(label.length + 1);
  const lines = columns === null ? [text] : wrapText(text, Math.max(20, columns - indent.length));
  return lines.map((line, index) => (index === 0 ? `${style("yellow", label)} ${line}` : indent + line));
}

/** The same without a label. */
export function noticeText({ about, message }: Notice): string {
  return printableLine(`${about}: ${message}`);
}
