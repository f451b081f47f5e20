import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tree } from "web-tree-sitter";
import { optionalPackage } from "../../contracts/optional-package.ts";
import type { Chunk } from "./chunk.ts";
import { findLanguage } from "./find-language.ts";
import { collectedGrammars, type GrammarPackages, Grammars, installedPackages } from "./grammars.ts";
import { languages } from "./languages.ts";
import { recursiveSplitter } from "./split-recursively.ts";
import type { SyntaxTree } from "./syntax-tree.ts";

interface Split {
  readonly texts: string[];
  readonly notices: string[];
}

async function split(
  text: string,
  options: { readonly language: string; readonly chunkSize: number; readonly minChunkSize?: number },
  grammars = new Grammars(installedPackages),
): Promise<Split> {
  const notices: string[] = [];
  const defaults = { minChunkSize: null, chunkOverlap: 0, customLanguages: [] };
  const chunks = await recursiveSplitter(grammars).definition.run!(
    { ...defaults, ...options, text },
    {
      signal: new AbortController().signal,
      prepared: undefined,
      countUsage() {},
      notice: (message) => notices.push(message),
    },
  );
  return { texts: (chunks as Chunk[]).map((chunk) => chunk.text), notices };
}

const withoutFiles: GrammarPackages = { ...installedPackages, find: () => null, findCollection: () => null };

function collected(grammar: string): string {
  return join(installedPackages.findCollection()!, "wasm", `tree-sitter-${grammar}.wasm`);
}

/** Counts how many trees and cursors there are that have not been deleted. */
function counted(tree: SyntaxTree, counts: { trees: number; cursors: number }): SyntaxTree {
  const count = (made: { delete(): void }, kind: "trees" | "cursors"): void => {
    const free = made.delete.bind(made);
    counts[kind]++;
    made.delete = () => {
      counts[kind]--;
      free();
    };
  };
  count(tree, "trees");
  const walk = tree.walk.bind(tree);
  tree.walk = () => {
    const cursor = walk();
    count(cursor, "cursors");
    return cursor;
  };
  return tree;
}

/** Each begins with a comment that belongs to it, and holds a text that rules would take for what begins a part. */
const samples: Readonly<Record<string, readonly string[]>> = {
  python: [
    '# one\ndef one(a):\n    return """\nclass A:\n\ndef b():\n"""\n\n',
    "# two\n@decorated\ndef two(a):\n    return a\n\n",
  ],
  javascript: [
    "// one\nfunction one(a) {\n  return `\nclass A {\n\nfunction b() {\n`;\n}\n",
    "/* two */\nfunction two(a) {\n  return a + 1 + 2 + 3;\n}\n",
  ],
  typescript: [
    "// one\nexport function one(a: A) {\n  return `\nclass A {\n\nfunction b() {\n`;\n}\n",
    "/** two */\nexport interface Two {\n  readonly a: string;\n}\n",
  ],
  tsx: [
    "// one\nconst One = () => (\n  <p title={`\nclass A {\n\nfunction b() {\n`}>a</p>\n);\n",
    "// two\nconst Two = () => <p>{a}{b}{c}</p>;\n",
  ],
  rust: [
    '/// one\nfn one() -> &str {\n    "\nstruct A {\n\nfn b() {\n"\n}\n',
    "/// two\n#[test]\nfn two(a: u8) -> u8 {\n    a\n}\n",
  ],
  go: [
    "// one\nfunc one() string {\n\treturn `\ntype A struct {\n\nfunc b() {\n`\n}\n",
    "// two\nfunc two(a int) int {\n\treturn a + 1 + 2\n}\n",
  ],
  java: [
    '// one\nclass One {\n  String a = """\nclass A {\n\nclass B {\n""";\n}\n',
    "/** two */\n@Deprecated\nclass Two {\n  int a = 1 + 2;\n}\n",
  ],
  "c++": [
    '// one\nauto one() {\n  return R"(\nclass A {\n\nint b() {\n)";\n}\n',
    "// two\nint two(int a) {\n  return a + 1 + 2 + 3;\n}\n",
  ],
  "c#": [
    '// one\nclass One {\n  string a = @"\nclass A {\n\nclass B {\n";\n}\n',
    "// two\n[Serializable]\nclass Two {\n  int a = 1 + 2;\n}\n",
  ],
  ruby: [
    "# one\ndef one\n  <<~TEXT\nclass A\n\ndef b\n  TEXT\nend\n",
    "# two\ndef two(a)\n  a + 1 + 2 + 3 + 4\nend\n",
  ],
  php: [
    "<?php\n// one\nfunction one() {\n  return '\nclass A {\n\nfunction b() {\n';\n}\n",
    "// two\nfunction two($a) {\n  return $a + 1 + 2 + 3;\n}\n",
  ],
  css: [
    "/* one */\n.one {\n  content: a;\n  /*\n.a {\n\n.b {\n*/\n  color: red;\n}\n",
    "/* two */\n.two {\n  color: red;\n  border: none;\n}\n",
  ],
  bash: [
    "# one\none() {\n  cat <<TEXT\nfunction a\n\nfunction b\nTEXT\n}\n",
    "# two\ntwo() {\n  echo one two three four\n}\n",
  ],
};

describe("with grammars installed", () => {
  test.each(Object.entries(samples))(
    "%s is cut by its syntax tree",
    async (language, [one = "", two = ""]) => {
      const opening = /^<\?php\n/.exec(one)?.[0] ?? "";
      const parts = [opening + two, one.slice(opening.length)];
      const chunkSize = Buffer.byteLength(parts.join("")) - 10;
      const { texts, notices } = await split(parts.join(""), { language, chunkSize, minChunkSize: 0 });
      expect(texts).toEqual(parts);
      expect(notices).toEqual([]);
      const noGrammars = new Grammars(withoutFiles);
      const ruled = await split(parts.join(""), { language, chunkSize, minChunkSize: 0 }, noGrammars);
      expect(ruled.texts).not.toEqual(parts);
    },
  );

  test.each(Object.entries(samples))("%s parses without an error", async (language, parts) => {
    const parse = await new Grammars(installedPackages).find(findLanguage(language)!.grammar!);
    const tree = parse!(parts.join("")) as Tree;
    expect(tree.rootNode.hasError).toBe(false);
    tree.delete();
  });

  test("every grammar that is said to be in the collection is there, and belongs to a language", async () => {
    const grammars = new Grammars(installedPackages);
    for (const grammar of collectedGrammars) {
      expect(await grammars.find(grammar), grammar).not.toBeNull();
      expect(languages.some((language) => language.grammar === grammar)).toBe(true);
    }
  });

  test("a package of the language's own goes before the collection", async () => {
    const asked: string[] = [];
    const grammars = new Grammars({
      ...installedPackages,
      find(file) {
        asked.push(file);
        // Stands for the package that is installed.
        return file === "tree-sitter-c-sharp/tree-sitter-c_sharp.wasm" ? collected("css") : null;
      },
    });
    const tree = (await grammars.find("c-sharp"))!("a { color: red }") as Tree;
    expect(tree.rootNode.type).toBe("stylesheet");
    tree.delete();
    expect(asked).toContain("@tree-sitter-grammars/tree-sitter-c-sharp/tree-sitter-c_sharp.wasm");
  });

  test("a grammar that could not be read is tried again", async () => {
    let path = "/nowhere/tree-sitter-go.wasm";
    const grammars = new Grammars({ ...installedPackages, find: () => path });
    await expect(grammars.find("go")).rejects.toMatchObject({ code: "ENOENT" });
    path = collected("go");
    expect(await grammars.find("go")).not.toBeNull();
  });

  test("methods of a class are kept whole, and its last line is not cut off", async () => {
    const method = (name: string): string => `  ${name}() {\n    call(1);\n\n    call(2);\n  }\n\n`;
    const text = `class A {\n${["a", "b", "c", "d"].map(method).join("")}}\n`;
    const { texts } = await split(text, { language: "ts", chunkSize: 110, minChunkSize: 0 });
    expect(texts.map((chunk) => chunk.split("\n")[0]!.trim())).toEqual(["class A {", "c() {"]);
    expect(texts.at(-1)).toMatch(/\n}\n$/);
  });

  test("every tree is deleted, and the parser is kept", async () => {
    const counts = { parsers: 0, trees: 0, cursors: 0 };
    const grammars = new Grammars({
      ...installedPackages,
      async importParser() {
        const open = await installedPackages.importParser();
        return async (grammar) => {
          const parser = await open(grammar);
          const parse = parser.parse.bind(parser);
          counts.parsers++;
          parser.parse = (...args) => counted(parse(...args)!, counts);
          return parser;
        };
      },
    });
    for (let run = 0; run < 5; run++) await split(code, options, grammars);
    expect(counts).toEqual({ parsers: 1, trees: 0, cursors: 0 });
  });

  test("code on one line is cut between statements", async () => {
    const text = "one(1);two({a:1,b:[2,3]});three();four(4);".repeat(4);
    const { texts } = await split(text, { language: "javascript", chunkSize: 45 });
    for (const chunk of texts) expect(chunk).toMatch(/^(?:one|two|three|four).*\)/);
  });

  test("code with errors is split all the same", async () => {
    const text = "function a( {\n  return ]\n}}}\n\n(".repeat(50);
    const { texts } = await split(text, { language: "typescript", chunkSize: 100 });
    expect(texts.join("")).toBe(text);
    expect(texts.length).toBeGreaterThan(10);
  });

  test.each(Object.keys(samples))("%s ends with hostile nesting and endless beginnings", async (language) => {
    const grammars = new Grammars(installedPackages);
    const hostile = ["(", "[", "{", "<<A\n", '"', "$((", "a(", "x = a(1, 2, b.c)\n"];
    for (const unit of hostile) {
      const text = unit.repeat(50_000 / unit.length);
      const { texts } = await split(text, { language, chunkSize: 1000 }, grammars);
      expect(texts.join("") === text, unit).toBe(true);
      expect(Math.max(...texts.map((chunk) => chunk.length)), unit).toBeLessThanOrEqual(1000);
    }
    const pairs = `${"(".repeat(25_000)}${")".repeat(25_000)}`;
    expect((await split(pairs, { language, chunkSize: 1000 }, grammars)).texts.join("") === pairs).toBe(true);
  });
});

const code = Array.from(
  { length: 300 },
  (_, at) => `function f${at}() {\n  return \`\nclass A {\n\`;\n}\n`,
).join("");
const options = { language: "typescript", chunkSize: 130, minChunkSize: 0 };

/** Swift has the same rules, and no grammar is installed for it. */
async function byRules(text: string): Promise<string[]> {
  return (await split(text, { ...options, language: "swift" })).texts;
}

describe("what takes the parser too much", () => {
  test("is split by rules, and what comes after it by its syntax again", async () => {
    expect((await split(code, options)).texts).not.toEqual(await byRules(code));
    const grammars = new Grammars(installedPackages, { effort: 0.0002 });
    const given = await split(code, options, grammars);
    expect(given).toEqual({ texts: await byRules(code), notices: [] });
    const parse = (await new Grammars(installedPackages).find("bash"))!;
    expect(parse("<<A\n".repeat(20_000))).toBeNull();
    const tree = parse("echo a\n") as Tree;
    expect(tree.rootNode.text).toBe("echo a\n");
    tree.delete();
  });

  test("because it is longer than a million characters is split by rules", async () => {
    const long = code.repeat(1_000_000 / code.length + 1);
    const { texts } = await split(long, options);
    expect(texts).toEqual(await byRules(long));
  });
});

describe("without grammars", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "sluice-grammars-"));
    writeFileSync(join(directory, "broken.wasm"), "no grammar");
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const missingName = "web-tree-sitter-that-is-not-installed";
  const withoutParser: GrammarPackages = {
    ...installedPackages,
    importParser: () => optionalPackage(missingName, () => import(missingName)),
  };

  const brokenFiles: GrammarPackages = {
    ...withoutFiles,
    find: () => join(directory, "broken.wasm"),
  };

  test.each([
    ["the parser is missing", withoutParser],
    ["the grammar is missing", withoutFiles],
    ["the grammar does not fit", brokenFiles],
  ])("where %s, code is split by rules, and says so", async (_, packages) => {
    const given = await split(code, options, new Grammars(packages));
    expect(given.texts).toEqual(await byRules(code));
    expect(given.notices).toEqual([
      expect.stringContaining("npm install web-tree-sitter @vscode/tree-sitter-wasm"),
    ]);
  });

  test("nothing is said of what is not parsed: languages by rules, and texts that fit", async () => {
    const grammars = new Grammars(withoutFiles);
    expect((await split(code, { ...options, language: "swift" }, grammars)).notices).toEqual([]);
    expect((await split("a()", options, grammars)).notices).toEqual([]);
  });
});
