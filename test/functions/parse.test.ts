import { describe, expect, test } from "vitest";
import { z } from "zod";
import { docxToText, htmlToText, parseJson, pdfPages, pdfToText } from "../../src/functions/index.ts";
import { bytes, defineFlow, defineSource } from "../../src/index.ts";
import { flowThrough, type OfText } from "../worlds/flow-through.ts";
import { docxOf, pdfOf, zipOf } from "../worlds/office-files.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** What a function makes of texts, by row; the error's message where it fails, which is to be one of what it was given. */
async function madeOf(use: OfText, texts: readonly string[]) {
  for (const [i, text] of texts.entries()) world.notebook.write(`t${i}`, text);
  const flow = flowThrough(world, { made: use });
  await flow.setup();
  return outcome(await flow.update());
}

function outcome(info: Awaited<ReturnType<ReturnType<typeof flowThrough>["update"]>>) {
  for (const { error } of info.failures) expect(error.code).toBe("content-invalid");
  const failed = info.failures.map(({ row, error }) => [row, error.message]);
  const rows = world.library.rows("s").map(([id, value]) => [id, (value as { made: unknown }).made]);
  return Object.fromEntries([...failed, ...rows]) as Record<string, unknown>;
}

describe("parseJson", () => {
  test("yields what the text says, and an error with line and column where it says nothing", async () => {
    const texts = [
      '\uFEFF{"a":[1,null,"ä"]}',
      "null",
      '{\n  "a": 1,\r\n  "b": tru\n}',
      "[1,",
      "",
      '["😀" 💥]',
    ];
    expect(await madeOf(parseJson, texts)).toEqual({
      t0: { a: [1, null, "ä"] },
      t1: null,
      t2: 'no JSON: unexpected "t" at line 3, column 8',
      t3: "no JSON: the text ends too early at line 1, column 4",
      t4: "no JSON: the text ends too early at line 1, column 1",
      t5: 'no JSON: unexpected "💥" at line 1, column 7',
    });
  });
});

describe("htmlToText", () => {
  const page = `<html><head><title>No</title><style>p{}</style></head><body>
    <nav><a href="/home">Home</a></nav>
    <main><h1>Big &amp; bold</h1><script>alert(1)</script>
    <p>One <a href="two.html">two</a> <img src="x.png" alt="picture"> three, a long line that is not to be broken wherever it is longer than a terminal is wide.</p>
    <ul><li>a</li><li>b</li></ul>
    <table><tr><th>k</th><th>v</th></tr><tr><td>1</td><td>2</td></tr></table></main></body></html>`;
  const line =
    "One two three, a long line that is not to be broken wherever it is longer than a terminal is wide.";

  test("takes the text, its lists and tables, and nothing else", async () => {
    const { t0 } = await madeOf(htmlToText(), [page]);
    expect(t0).toBe(`Home\n\n\nBig & bold\n\n${line}\n\n * a\n * b\n\nk   v\n1   2`);
  });

  test("takes and leaves out what it is told, and keeps addresses where asked", async () => {
    const use = htmlToText({
      only: ["main"],
      without: ["table", "ul"],
      links: true,
      baseUrl: "https://x.test/",
    });
    const { t0, t1 } = await madeOf(use, [page, "<p>no main, < and & unclosed <b>"]);
    expect(t0).toBe(`Big & bold\n\n${line.replace("two ", "two [https://x.test/two.html] ")}`);
    expect(t1).toBe("no main, < and & unclosed");
  });

  test("refuses options that there are not", () => {
    expect(() => htmlToText({ link: true } as never)).toThrow("function htmlToText was given an unfit spec");
  });
});

describe("of files", () => {
  const files = (contents: Readonly<Record<string, Uint8Array>>) =>
    defineSource({
      kind: "files",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      value: z.object({ data: bytes() }),
      create: () => ({}),
      *list() {
        yield Object.entries(contents).map(([id, data]) => ({ key: { id }, value: { data } }));
      },
      getValue: () => null,
    })({});

  async function madeOfFiles(
    use: typeof docxToText | ReturnType<typeof pdfToText>,
    contents: Readonly<Record<string, Uint8Array>>,
  ) {
    const flow = world.keep(
      defineFlow("Files", (builder) => {
        const out = builder.addCollector<{ id: string; made: string }>();
        builder.addSource("files", files(contents)).forEachRow((file) => {
          // Twice, since the one must leave the other its bytes.
          const again = file.data.transform(use);
          out.collect({ id: file.id, made: file.data.transform(use), again, size: file.data } as never);
        });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    return outcome(await flow.update());
  }

  const noise = Uint8Array.from({ length: 2_000 }, (_, i) => (i * 7_919) % 256);

  test("pdfToText takes the text of all pages", async () => {
    const whole = pdfOf(["Hello world", "Second page"]);
    const made = await madeOfFiles(pdfToText(), {
      whole,
      picture: pdfOf([""]),
      empty: new Uint8Array(),
      noise,
      cut: whole.slice(0, 120),
    });
    expect(made).toMatchObject({ whole: "Hello world\n\nSecond page", picture: "" });
    for (const id of ["empty", "noise", "cut"]) expect(made[id]).toMatch(/^no PDF that can be read: \w/);
    expect(world.library.rows("s")[1]![1]).toMatchObject({ again: made.whole, size: new Uint8Array(whole) });
  });

  test("pdfToText puts between pages what it is told", async () => {
    const made = await madeOfFiles(pdfToText({ separator: "|" }), { a: pdfOf(["1", "2", "3"]) });
    expect(made).toEqual({ a: "1|2|3" });
  });

  test("pdfPages yields a row a page", async () => {
    const flow = world.keep(
      defineFlow("Pages", (builder) => {
        const out = builder.addCollector<{ id: string; page: number; text: string }>();
        builder.addSource("files", files({ a: pdfOf(["one", "two"]) })).forEachRow((file) => {
          file.data.transform(pdfPages).forEachRow((page) => {
            out.collect({ id: page.text, page: page.page, text: page.text });
          });
        });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    expect(world.library.rows("s")).toEqual([
      ["one", { page: 1, text: "one" }],
      ["two", { page: 2, text: "two" }],
    ]);
  });

  test("docxToText takes the paragraphs", async () => {
    const made = await madeOfFiles(docxToText, {
      letter: docxOf(["Dear Ada,", "greetings &amp; more."]),
      noise,
      other: zipOf({ "a.txt": "no Word file" }),
    });
    expect(made.letter).toBe("Dear Ada,\n\ngreetings & more.");
    for (const id of ["noise", "other"]) expect(made[id]).toMatch(/^no Word file that can be read: \w/);
  });
});
