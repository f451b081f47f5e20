/** A fenced TypeScript block of a Markdown file. */
export interface CodeBlock {
  readonly file: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** The words after `ts` on the fence. */
  readonly info: string;
}

/** The `ts` blocks of a Markdown text, in order. */
export function extractBlocks(file: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*)(`{3,}|~{3,})(\S*)\s*(.*)$/.exec(lines[i]!);
    if (!fence) continue;
    const [, indent = "", marks = "", language, info = ""] = fence;
    const start = i + 1;
    do i++;
    while (i < lines.length && !closes(lines[i]!, marks));
    if (language !== "ts") continue;
    const code = lines
      .slice(start, i)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ file, line: start + 1, code: code.join("\n"), info });
  }
  return blocks;
}

function closes(line: string, marks: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= marks.length && trimmed === marks[0]!.repeat(trimmed.length);
}

/** A module to type-check, with the way back from its lines to the document's. */
export interface DocumentModule {
  readonly code: string;
  readonly lineOf: (line: number) => { readonly file: string; readonly line: number };
}

/**
 * Each block is a module of its own, so that a reader can paste it. One marked `ts continued` goes on from
 * the blocks before it in the same file.
 */
export function toModules(blocks: readonly CodeBlock[]): DocumentModule[] {
  const modules: CodeBlock[][] = [];
  for (const block of blocks) {
    const last = modules.at(-1);
    if (/^continued\b/.test(block.info) && last?.[0]?.file === block.file) last.push(block);
    else modules.push([block]);
  }
  return modules.map(joinBlocks);
}

function joinBlocks(blocks: readonly CodeBlock[]): DocumentModule {
  const origins = blocks.flatMap(({ file, line, code }) =>
    code.split("\n").map((_, index) => ({ file, line: line + index })),
  );
  return {
    // Without an import or export it would be a script, which shares its names with all others.
    code: `${blocks.map(({ code }) => code).join("\n")}\nexport {};\n`,
    lineOf: (line) => origins[Math.min(line, origins.length) - 1]!,
  };
}
