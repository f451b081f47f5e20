import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FunctionContext } from "../../contracts/function.ts";
import type { Chunk, ChunkPosition } from "./chunk.ts";
import { splitRecursively } from "./split-recursively.ts";

interface Options {
  readonly chunkSize: number;
  readonly minChunkSize?: number | null;
  readonly chunkOverlap?: number;
  readonly language?: string | null;
  readonly customLanguages?: readonly {
    readonly language: string;
    readonly aliases: string[];
    readonly separators: string[];
  }[];
}

const context: FunctionContext = {
  signal: new AbortController().signal,
  prepared: undefined,
  countUsage() {},
  notice(message) {
    throw new Error(`not expected: ${message}`);
  },
};

async function split(text: string, options: Options): Promise<Chunk[]> {
  const defaults = { minChunkSize: null, chunkOverlap: 0, language: null, customLanguages: [] };
  const chunks = await splitRecursively.definition.run!({ ...defaults, ...options, text }, context);
  // No value has half a code point, but the function must not depend on it.
  const isWellFormed = Buffer.from(text).toString() === text;
  return (isWellFormed ? splitRecursively.output.parse(chunks) : chunks) as Chunk[];
}

async function texts(text: string, options: Options): Promise<string[]> {
  return (await split(text, options)).map((chunk) => chunk.text);
}

/** What each chunk begins with. */
async function beginnings(text: string, options: Options): Promise<string[]> {
  return (await texts(text, options)).map((chunk) => chunk.split("\n")[0]!.trim());
}

/** Words that are no sentence, of so many bytes. */
function filler(bytes: number): string {
  return `${"lorem ipsum ".repeat(bytes / 12 + 1).slice(0, bytes - 1)}.`;
}

const kinds = [
  "markdown",
  "text",
  "typescript",
  "python",
  "bash",
  "swift",
  "html",
  "yaml",
  "json",
  "latex",
  "mine",
];
const mine = { language: "Mine", aliases: ["m"], separators: ["\\n# ", ";", "(?=x)", "\\r"] };

const pieces = fc.constantFrom(
  ..."# head\n|## head\n|Title\n===\n|```\n|~~~\n|---\n|- item\n|  - item\n|1. item\n|> |function f() {|}|class A {|def f():\n|".split(
    "|",
  ),
  ..."  |\t|\n|\r\n|\r|\n\n|.|. |! |。|,|;|(|)|[|{|\"|'|`|<div>|</div>|key: value\n|x = 1\n|/* |*/|# |// |<<A\n|word |é|中|😀|👩‍👩‍👧‍👦|e\u0301|🇩🇪|\u2028".split(
    "|",
  ),
);
const anyText = fc.oneof(
  fc.array(pieces, { maxLength: 80 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 100 }),
  // Halves of surrogate pairs that stand alone.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes)),
);
const anyOptions = fc
  .record({
    chunkSize: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 120 })),
    overlapShare: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.99, noNaN: true })),
    minShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
    language: fc.constantFrom(...kinds, null),
  })
  .map(({ chunkSize, overlapShare, minShare, language }) => {
    const chunkOverlap = Math.floor(chunkSize * overlapShare);
    const minChunkSize = minShare === null ? null : Math.floor((chunkSize - chunkOverlap) * minShare);
    return { chunkSize, chunkOverlap, minChunkSize, language, customLanguages: [mine] };
  });

/** Offset, line and column of an index, found by looking at all that is before it. */
function positionOf(text: string, index: number): ChunkPosition {
  const before = text.slice(0, index);
  const line = before.split("\n");
  return { offset: Buffer.byteLength(before), line: line.length, column: [...line.at(-1)!].length + 1 };
}

describe("whatever the text, the sizes and the language", () => {
  test("chunks hold to the size, tell where they are, and together are the text", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyOptions, async (text, options) => {
        const chunks = await split(text, options);
        let end = 0;
        let start = -1;
        for (const chunk of chunks) {
          const from = indexOfOffset(text, chunk.start.offset);
          const to = from + chunk.text.length;
          expect(text.slice(from, to)).toBe(chunk.text);
          expect(chunk.start).toEqual(positionOf(text, from));
          expect(chunk.end).toEqual(positionOf(text, to));
          expect(chunk.location).toEqual([chunk.start.offset, chunk.end.offset]);
          expectWhole(text, from);
          const size = Buffer.byteLength(chunk.text);
          if (size > options.chunkSize) expect(chunk.text).toMatch(/^(?:\r\n|.)$/su);
          // Begins where the one before ends, or earlier by the overlap at most, and after that one begins.
          expect(from).toBeLessThanOrEqual(end);
          expect(Buffer.byteLength(text.slice(from, end))).toBeLessThanOrEqual(options.chunkOverlap);
          expect(from).toBeGreaterThanOrEqual(start);
          expect(to).toBeGreaterThan(end);
          [start, end] = [from, to];
        }
        expect(end).toBe(text.length);
        if (options.chunkOverlap === 0) expect(chunks.map((chunk) => chunk.text).join("")).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test("equal calls yield equal chunks", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyOptions, async (text, options) => {
        expect(await split(text, options)).toEqual(await split(text, options));
      }),
      { numRuns: 300 },
    );
  });

  test("what is seen as one character stays whole where it fits", async () => {
    const characters = fc.array(fc.constantFrom("👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "中", "a", "\r\n"), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(characters, fc.integer({ min: 30, max: 200 }), async (parts, chunkSize) => {
        const text = parts.join("");
        const starts = new Set(Array.from(new Intl.Segmenter().segment(text), ({ index }) => index));
        for (const { start } of await split(text, { chunkSize })) {
          expect(starts).toContain(indexOfOffset(text, start.offset));
        }
      }),
      { numRuns: 500 },
    );
  });
});

function indexOfOffset(text: string, offset: number): number {
  let bytes = 0;
  let index = 0;
  while (bytes < offset) {
    const point = String.fromCodePoint(text.codePointAt(index)!);
    bytes += Buffer.byteLength(point);
    index += point.length;
  }
  return index;
}

/** No cut within a surrogate pair, nor between `\r` and `\n`. */
function expectWhole(text: string, index: number): void {
  const around = text.slice(Math.max(0, index - 1), index + 1);
  expect(around).not.toBe("\r\n");
  if (index > 0) expect(around).not.toMatch(/^[\u{10000}-\u{10ffff}]$/u);
}

describe("Markdown", () => {
  const section = (heading: string, bytes: number): string => `${heading}\n\n${filler(bytes)}\n\n`;

  test("is cut at headings, the higher ones first", async () => {
    const text = [
      section("# One", 300),
      section("## One A", 300),
      section("## One B", 300),
      section("# Two", 300),
      section("## Two A", 300),
    ].join("");
    expect(await beginnings(text, { chunkSize: 1000, language: "markdown" })).toEqual(["# One", "# Two"]);
    expect(await beginnings(text, { chunkSize: 400, language: "markdown" })).toEqual([
      "# One",
      "## One A",
      "## One B",
      "# Two",
      "## Two A",
    ]);
  });

  test("keeps a heading with what is below it", async () => {
    const text = `${filler(380)}\n\n# Heading\n\n## Lower\n\n${filler(380)}\n`;
    const found = await beginnings(text, { chunkSize: 410, language: "md" });
    expect(found).toEqual(["lorem ipsum ".repeat(31).trim().concat(" lorem i."), "# Heading"]);
  });

  test("knows underlined headings, and takes no heading within fenced code or front matter", async () => {
    const code = `\`\`\`sh\n# no heading\n${"run this\n".repeat(30)}\n# nor this\n\`\`\`\n\n`;
    const text = `---\ntitle: x\n# none\n---\n\n${filler(300)}\n\nTitle\n=====\n\n${filler(300)}\n\n${code}${section("# Last", 200)}`;
    const found = await beginnings(text, { chunkSize: 400, minChunkSize: 0, language: "markdown" });
    expect(found).toEqual(["---", "Title", "```sh", "# Last"]);
  });

  test("is cut between items of a list, and sentences where nothing else is", async () => {
    const list = Array.from({ length: 8 }, (_, at) => `- item ${at} ${filler(100)}\n  more of it\n`).join("");
    for (const begin of await beginnings(list, { chunkSize: 300, language: ".md" }))
      expect(begin).toMatch(/^- item/);
    const prose = Array.from({ length: 40 }, (_, at) => `Sentence ${at} is\nwrapped here.`).join(" ");
    for (const begin of await beginnings(prose, { chunkSize: 200, language: "markdown" })) {
      expect(begin).toMatch(/^Sentence/);
    }
  });

  test("of which one section is edited keeps the chunks of the others", async () => {
    const sections = Array.from({ length: 30 }, (_, at) => section(`## Part ${at}`, 200 + ((at * 37) % 400)));
    const before = await texts(sections.join(""), { chunkSize: 1000, language: "markdown" });
    sections[3] = section("## Part 3", 640);
    const after = await texts(sections.join(""), { chunkSize: 1000, language: "markdown" });
    const changed = after.filter((chunk) => !before.includes(chunk));
    expect(before.length).toBeGreaterThan(12);
    expect(changed.length).toBeLessThanOrEqual(4);
  });
});

describe("plain text", () => {
  test("is cut at paragraphs, then sentences, then words", async () => {
    const paragraphs = ["One. Two one two.", "Three. Four three four.", "Five. Six five six."].join("\n\n");
    expect(await beginnings(paragraphs, { chunkSize: 26 })).toEqual([
      "One. Two one two.",
      "Three. Four three four.",
      "Five. Six five six.",
    ]);
    expect(await texts("One two three. Four five six! (Seven eight?) Nine", { chunkSize: 20 })).toEqual([
      "One two three. ",
      "Four five six! ",
      "(Seven eight?) Nine",
    ]);
    expect(await texts("alpha beta gamma delta", { chunkSize: 12 })).toEqual(["alpha beta ", "gamma delta"]);
    expect(await texts("一二三。四五六！七八九", { chunkSize: 12 })).toEqual([
      "一二三。",
      "四五六！",
      "七八九",
    ]);
    expect(await texts("abcdefghij", { chunkSize: 4 })).toEqual(["abcd", "efgh", "ij"]);
  });

  test("that is empty has no chunks, and one that fits is one chunk", async () => {
    expect(await split("", { chunkSize: 1 })).toEqual([]);
    expect(await texts(" \n", { chunkSize: 2 })).toEqual([" \n"]);
  });

  test("has no small chunks where they can be joined", async () => {
    const text = Array.from({ length: 50 }, (_, at) => filler(20 + ((at * 29) % 90))).join("\n\n");
    for (const chunk of await texts(text, { chunkSize: 200 }))
      expect(chunk.length).toBeGreaterThanOrEqual(100);
    const small = (chunks: string[]): number => chunks.filter((chunk) => chunk.length < 100).length;
    expect(small(await texts(text, { chunkSize: 200, minChunkSize: 0 }))).toBeGreaterThan(0);
  });
});

test("a chunk that overlaps the one before begins with a sentence of it", async () => {
  const text = Array.from({ length: 30 }, (_, at) => `Sentence number ${at} stands here.`).join(" ");
  const chunks = await split(text, { chunkSize: 200, chunkOverlap: 80 });
  for (const [at, chunk] of chunks.entries()) {
    expect(chunk.text).toMatch(/^Sentence/);
    if (at === 0) continue;
    const overlap = chunks[at - 1]!.end.offset - chunk.start.offset;
    expect(overlap).toBeGreaterThanOrEqual(40);
    expect(overlap).toBeLessThanOrEqual(80);
  }
});

describe("languages by rules", () => {
  const body = (line: string, count = 12): string => `${line}\n`.repeat(count);
  test.each([
    [
      "html",
      "<h1>a</h1>\n" +
        body("<p>some words</p>", 9) +
        "<section>\n" +
        body("  <p>some words</p>", 9) +
        "</section>\n",
      ["<h1>a</h1>", "<section>"],
    ],
    [
      "json",
      `{\n  "first": [\n${body('    "some words",', 10)}  ],\n  "second": [\n${body('    "some words",', 10)}  ]\n}\n`,
      ["{", '"second": ['],
    ],
    ["yaml", `first:\n${body("  - some words")}second:\n${body("  - some words")}`, ["first:", "second:"]],
    ["toml", `[first]\n${body('a = "words"')}\n[second]\n${body('a = "words"')}`, ["[first]", "[second]"]],
    [
      "sql",
      `-- one\nCREATE TABLE a (\n${body("  id int,", 16)});\n\n-- two\nCREATE TABLE b (\n${body("  id int,", 16)});\n`,
      ["-- one", "-- two"],
    ],
    [
      "xml",
      `<a>\n  <first>\n${body("    <x>words</x>", 9)}  </first>\n  <second>\n${body("    <x>words</x>", 9)}  </second>\n</a>\n`,
      ["<a>", "<second>"],
    ],
    [
      "c",
      `/* one */\nint a(void) {\n${body("  call(words);")}}\n\n/* two */\nint b(void) {\n${body("  call(words);")}}\n`,
      ["/* one */", "/* two */"],
    ],
    [
      "scala",
      `// one\ndef a = {\n${body("  call(words)")}}\n\n// two\ndef b = {\n${body("  call(words)")}}\n`,
      ["// one", "// two"],
    ],
    [
      "kotlin",
      `@One\nfun a() {\n${body("  call(words)")}}\n@Two\nfun b() {\n${body("  call(words)")}}\n`,
      ["@One", "@Two"],
    ],
    [
      "swift",
      `/// one\nfunc a() {\n${body("  call(words)")}}\n/// two\nfunc b() {\n${body("  call(words)")}}\n`,
      ["/// one", "/// two"],
    ],
    [
      "latex",
      `\\section{One}\n${body("some words.")}\\section{Two}\n${body("some words.")}`,
      ["\\section{One}", "\\section{Two}"],
    ],
    ["rst", `One\n===\n\n${body("some words.")}\nTwo\n===\n\n${body("some words.")}`, ["One", "Two"]],
    ["makefile", `one: a\n${body("\tcall words")}\ntwo: b\n${body("\tcall words")}`, ["one: a", "two: b"]],
  ])("%s", async (language, text, expected) => {
    expect(await beginnings(text, { chunkSize: 240, minChunkSize: 60, language })).toEqual(expected);
  });

  test("of which nothing is known are plain text", async () => {
    const text = `# One\n${filler(100)}\n\n${filler(100)}\n`;
    const plain = await texts(text, { chunkSize: 120 });
    expect(await texts(text, { chunkSize: 120, language: "klingon" })).toEqual(plain);
  });
});

describe("custom languages", () => {
  const recipe = { language: "Recipe", aliases: [".rcp"], separators: ["\\n== ", ";\\s*"] };
  const text = "== One\nflour; water; salt\n== Two\nrice; water; oil; herbs";

  test("are split by their separators, the highest first, under any of their names", async () => {
    for (const language of ["recipe", ".RCP"]) {
      const options = { language, customLanguages: [recipe], minChunkSize: 0 };
      expect(await texts(text, { ...options, chunkSize: 32 })).toEqual([text.slice(0, 26), text.slice(26)]);
      expect(await texts("aa; bb; cc; dd", { ...options, chunkSize: 8 })).toEqual(["aa; bb; ", "cc; dd"]);
    }
  });

  test("go before those that are known", async () => {
    const customLanguages = [{ language: "markdown", aliases: [], separators: ["\\|"] }];
    const cut = await texts("# aaaa|# bbbb|", {
      chunkSize: 8,
      minChunkSize: 0,
      language: "markdown",
      customLanguages,
    });
    expect(cut).toEqual(["# aaaa|", "# bbbb|"]);
  });

  test("with a separator that is no regular expression are refused", async () => {
    const customLanguages = [{ language: "x", aliases: [], separators: ["["] }];
    const { customLanguages: schema } = splitRecursively.input;
    expect(schema.safeParse(customLanguages).error!.issues[0]!.message).toContain(
      "Invalid regular expression",
    );
    await expect(split("ab", { chunkSize: 1, language: "x", customLanguages })).rejects.toMatchObject({
      code: "option-invalid",
    });
  });
});

test("sizes that contradict each other are refused, also where the text is small", async () => {
  await expect(split("a", { chunkSize: 5, chunkOverlap: 5 })).rejects.toMatchObject({
    code: "option-invalid",
    message: expect.stringContaining("chunkOverlap 5 is not below chunkSize 5"),
  });
  await expect(split("a", { chunkSize: 10, chunkOverlap: 4, minChunkSize: 7 })).rejects.toMatchObject({
    code: "option-invalid",
    message: expect.stringContaining("minChunkSize 7 is above 6"),
  });
  const { chunkSize, chunkOverlap } = splitRecursively.input;
  expect(chunkSize.safeParse(0).success).toBe(false);
  expect(chunkSize.safeParse(1.5).success).toBe(false);
  expect(chunkOverlap.safeParse(-1).success).toBe(false);
});

describe("hostile texts", () => {
  const endless = [
    ...'a| |.|. |(|[|{|\n|\r\n|\t\n|> |- |-|=|#|`|~|*|_|||é|😀|\u0301|<div>|"|a,|。|1. |a:\n  |:'.split("|"),
    "|",
    "x\n=\n",
    "- a\n  ",
  ].filter((unit) => unit !== "");

  /** How many characters were looked at, each as often as it was. */
  async function looks(text: string, options: Options): Promise<number> {
    const { charCodeAt, indexOf } = String.prototype;
    let count = 0;
    String.prototype.charCodeAt = function (this: string, index: number) {
      count++;
      return charCodeAt.call(this, index);
    };
    String.prototype.indexOf = function (this: string, wanted: string, from = 0) {
      const found = indexOf.call(this, wanted, from);
      count += (found < 0 ? this.length : found) - from;
      return found;
    };
    try {
      await split(text, options);
    } finally {
      String.prototype.charCodeAt = charCodeAt;
      String.prototype.indexOf = indexOf;
    }
    return count;
  }

  test.each(["markdown", "swift", "text", "yaml", "html", "rst"])(
    "%s takes twice as long for twice the text",
    async (language) => {
      for (const unit of endless) {
        const options = { chunkSize: 500, chunkOverlap: 100, language };
        const once = await looks(unit.repeat(8_000), options);
        const twice = await looks(unit.repeat(16_000), options);
        expect(twice, JSON.stringify(unit)).toBeLessThan(once * 2.1 + 1000);
        expect(once, JSON.stringify(unit)).toBeLessThan(8_000 * unit.length * 30);
      }
    },
  );

  test("a line of 10 MB is split, and one of any kind", async () => {
    const lines = { a: 10_000_000, "word ": 2_000_000, "😀": 2_000_000, "a,b;": 2_000_000 };
    for (const [unit, size] of Object.entries(lines)) {
      const text = unit.repeat(size / Buffer.byteLength(unit));
      const chunks = await split(text, { chunkSize: 4000, language: "javascript" });
      expect(chunks.length).toBeLessThan((size / 4000) * 1.08);
      expect(chunks.map((chunk) => chunk.text).join("") === text).toBe(true);
    }
  });
});
