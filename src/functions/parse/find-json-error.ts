const blank = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What may come next. */
type Expected = "value" | "value or ]" | "name" | "name or }" | ":" | ", or end";

/**
 * Where a text stops being JSON, as an offset in UTF-16 code units; its length where it ends too early; null where it
 * is JSON. The messages of `JSON.parse` say it too, but not all of them, and in other words from version to version.
 */
export function findJsonError(text: string): number | null {
  /** What closes the arrays and objects that are open. */
  const open: ("]" | "}")[] = [];
  let expected: Expected = "value";
  let at = skip(blank, text, 0);
  while (!(expected === ", or end" && open.length === 0)) {
    const step = takeStep(text, at, expected, open);
    if (typeof step === "number") return step;
    expected = step.expected;
    at = skip(blank, text, step.at);
  }
  return at === text.length ? null : at;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

type Step = { readonly at: number; readonly expected: Expected };

/** One token; the offset where it goes wrong. */
function takeStep(text: string, at: number, expected: Expected, open: ("]" | "}")[]): Step | number {
  const char = text[at];
  switch (expected) {
    case "value or ]":
    case "value":
      if (char === "]" && expected === "value or ]") return closed(at, open);
      return takeValue(text, at, open);
    case "name or }":
    case "name":
      if (char === "}" && expected === "name or }") return closed(at, open);
      return char === '"' ? takeString(text, at, ":") : at;
    case ":":
      return char === ":" ? { at: at + 1, expected: "value" } : at;
    case ", or end":
      if (char === ",") return { at: at + 1, expected: open.at(-1) === "}" ? "name" : "value" };
      return char === open.at(-1) ? closed(at, open) : at;
  }
}

function closed(at: number, open: ("]" | "}")[]): Step {
  open.pop();
  return { at: at + 1, expected: ", or end" };
}

function takeValue(text: string, at: number, open: ("]" | "}")[]): Step | number {
  const char = text[at];
  if (char === '"') return takeString(text, at, ", or end");
  if (char === "[" || char === "{") {
    open.push(char === "[" ? "]" : "}");
    return { at: at + 1, expected: char === "[" ? "value or ]" : "name or }" };
  }
  const end = skip(scalar, text, at);
  return end === at ? at : { at: end, expected: ", or end" };
}

function takeString(text: string, at: number, expected: Expected): Step | number {
  for (let end = at + 1; end < text.length; ) {
    const char = text[end]!;
    if (char === '"') return { at: end + 1, expected };
    if (char < " ") return end;
    const next = char === "\\" ? skip(escaped, text, end) : end + 1;
    if (next === end) return end;
    end = next;
  }
  return text.length;
}
