import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import { asUnprivileged, canBeUnprivileged } from "../../../test/support/as-unprivileged.ts";
import { openSource } from "../../../test/support/open-source.ts";
import { sourceContext } from "../../../test/support/source-context.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../test/support/temporary-tree.ts";
import type { SourceUse } from "../../contracts/source.ts";
import { compareBytes, equalBytes } from "../../kernel/bytes.ts";
import { systemClock } from "../../kernel/clock.ts";
import { type LocalTextFilesOptions, localFiles } from "./index.ts";

type Key = { filename: string };
type Text = { content: string };

const open = (tree: TemporaryTree, options: Partial<LocalTextFilesOptions> = {}, clock = systemClock) =>
  openSource<Key, Text>(localFiles({ path: ".", ...options }), tree.path, clock);

async function filenames(
  tree: TemporaryTree,
  options: Partial<LocalTextFilesOptions> = {},
): Promise<string[]> {
  return (await (await open(tree, options)).list()).map(({ key }) => key.filename);
}

/** Puts what was just written well into the past of its file system's clock, so busily that no timer decides. */
function letClockPass(ms = 40): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("the definition", () => {
  it("has a row type that follows binary", () => {
    expectTypeOf(localFiles({ path: "." })).toEqualTypeOf<SourceUse<{ filename: string; content: string }>>();
    expectTypeOf(localFiles({ path: ".", binary: false })).toEqualTypeOf<
      SourceUse<{ filename: string; content: string }>
    >();
    expectTypeOf(localFiles({ path: ".", binary: true })).toEqualTypeOf<
      SourceUse<{ filename: string; content: Uint8Array }>
    >();
    // @ts-expect-error bytes have no encoding
    expect(() => localFiles({ path: ".", binary: true, encoding: "utf-8" })).toThrow(
      "no meaning with binary",
    );
  });

  it.each<[string, object, RegExp, RegExp]>([
    ["an empty list of patterns", { includedPatterns: [] }, /includedPatterns: is empty/, /every file/],
    ["an empty pattern", { includedPatterns: ["a", ""] }, /includedPatterns\.1: "" is empty/, /every file/],
    ["an empty excluded one", { excludedPatterns: [""] }, /excludedPatterns\.0/, /./],
    ["a negated pattern", { includedPatterns: ["!a"] }, /begins with !/, /excludedPatterns/],
    ["an unknown encoding", { encoding: "utf-9" }, /unknown encoding "utf-9"/, /utf-16le/],
  ])("refuses %s, with a hint", (_, options, message, hint) => {
    expect(() => localFiles({ path: ".", ...options })).toThrow(
      expect.objectContaining({
        code: "spec-invalid",
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  it.each<[string, object]>([
    ["an empty path", { path: "" }],
    ["a path with NUL", { path: "a\0b" }],
    ["no size", { maxFileSize: 0 }],
    ["a negative size", { maxFileSize: -1 }],
    ["another detection", { changeDetection: "mtime" }],
    ["a watch of another kind", { watchChanges: "yes" }],
    ["an unknown option", { pattern: "*.md" }],
  ])("refuses %s", (_, options) => {
    expect(() => localFiles({ path: ".", ...options })).toThrow(
      expect.objectContaining({ code: "spec-invalid" }),
    );
  });

  it("keeps the path as given, and tells only what values depend on", () => {
    const { definition, spec } = localFiles({
      path: "./data/",
      includedPatterns: ["*.md"],
      excludedPatterns: ["x"],
      maxFileSize: 5,
      changeDetection: "content",
      encoding: "utf8",
    });
    expect(spec).toMatchObject({ path: "./data/" });
    expect(definition.ordered).toBe(true);
    expect(definition.valueSpec(spec)).toEqual({ path: "data", binary: false, encoding: "utf-8" });
    const bytes = localFiles({ path: "data", binary: true, watchChanges: true });
    expect(bytes.definition.kind).toBe("localFiles");
    expect(bytes.definition.valueSpec(bytes.spec)).toEqual({ path: "data", binary: true });
  });
});

describe("changes", () => {
  it.each([true, false, undefined])("are watched where that is asked for: %s", (watchChanges) => {
    for (const { definition, spec } of [
      localFiles({ path: "data", watchChanges }),
      localFiles({ path: "data", watchChanges, binary: true }),
    ]) {
      expect(definition.watch).not.toBeNull();
      expect(definition.watches(spec)).toBe(watchChanges === true);
    }
  });
});

describe("a listing", () => {
  it("has every file with its path, and not the hidden ones", async () => {
    const tree = makeTemporaryTree({
      "b.md": "",
      "a/x/c.txt": "",
      ".env": "",
      ".git/config": "",
      "a/.d": "",
    });
    mkdirSync(tree.at("empty"));
    expect(await filenames(tree)).toEqual(["a/x/c.txt", "b.md"]);
    expect(await filenames(tree, { includedPatterns: [".env", "**/*.md"] })).toEqual([".env", "b.md"]);
    expect(await filenames(tree, { excludedPatterns: ["a/"] })).toEqual(["b.md"]);
  });

  it("resolves a relative path against the app directory, and takes an absolute one", async () => {
    const tree = makeTemporaryTree({ "data/a.md": "a" });
    expect(await filenames(tree, { path: "data" })).toEqual(["a.md"]);
    expect(await filenames(tree, { path: tree.at("data/") })).toEqual(["a.md"]);
    const source = await open(tree, { path: "./data/" });
    expect((await source.get({ filename: "a.md" }))?.value).toEqual({ content: "a" });
  });

  it("is in the order of the whole paths' bytes", async () => {
    const tree = makeTemporaryTree({
      "a/b": "",
      "a.md": "",
      "a-b": "",
      a0: "",
      "\u{1f600}": "",
      "\uffee": "",
      Z: "",
    });
    expect(await filenames(tree)).toEqual(["Z", "a-b", "a.md", "a/b", "a0", "\uffee", "\u{1f600}"]);
  });

  it("is in that order for any tree", async () => {
    const name = fc.oneof(
      fc.constantFrom(
        "a",
        "a.",
        "a-",
        "a0",
        "b",
        "a b",
        "-a",
        "a\n",
        "é",
        "e\u0301",
        "\u{1f600}",
        "\uffee",
        "\ue000",
        "~",
        "+",
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 3 }).filter((text) => /^[^./\0]+$/.test(text)),
    );
    const paths = fc.array(
      fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/")),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(paths, async (wanted) => {
        const tree = makeTemporaryTree();
        const written = wanted.filter((path) => {
          try {
            tree.write(path);
            return true;
          } catch {
            return false; // a file where a directory is, or the other way about
          }
        });
        const expected = [...new Set(written)].sort((a, b) => compareBytes(Buffer.from(a), Buffer.from(b)));
        expect(await filenames(tree)).toEqual(expected);
        rmSync(tree.path, { recursive: true });
      }),
      { numRuns: 150 },
    );
  });

  it("takes names of any Unicode as they are, and reads them", async () => {
    const names = [
      " ",
      "-rf",
      "a\nb",
      "e\u0301",
      "\u00e9",
      "\ufffd",
      "\u{1f600}",
      'q"uote',
      "back\\slash",
      "*.md",
      "\ufeffbom",
    ];
    const tree = makeTemporaryTree(Object.fromEntries(names.map((name) => [name, name])));
    const source = await open(tree);
    const listed = (await source.list()).map(({ key }) => key.filename);
    expect(new Set(listed)).toEqual(new Set(names));
    for (const filename of names)
      expect((await source.get({ filename }))?.value.content).toBe(filename.replace("\ufeff", ""));
  });

  it("leaves out files above maxFileSize", async () => {
    const tree = makeTemporaryTree({ small: "1234", large: "12345" });
    expect(await filenames(tree, { maxFileSize: 4 })).toEqual(["small"]);
    const source = await open(tree, { maxFileSize: 4 });
    expect(await source.get({ filename: "large" })).toBeNull();
  });

  it("comes in slices that let other work in, and stops on request", async () => {
    const tree = makeTemporaryTree();
    for (let i = 0; i < 3_000; i++) tree.write(`f${i}`);
    const use = localFiles({ path: "." });
    const connection = await use.definition.create(use.spec, sourceContext(tree.path, systemClock));
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    onTestFinished(() => clearInterval(timer));
    const sizes: number[] = [];
    const listing = async (until: number) => {
      const options = { signal: controller.signal, incomplete: () => expect.unreachable() };
      for await (const slice of use.definition.list(connection, options)) {
        sizes.push(slice.length);
        if (sizes.length >= until) controller.abort(new Error("enough"));
      }
    };
    await listing(Number.POSITIVE_INFINITY);
    expect(sizes.reduce((a, b) => a + b)).toBe(3_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024);
    expect(turns).toBeGreaterThan(0);
    sizes.length = 0;
    await expect(listing(1)).rejects.toThrow("enough");
    expect(sizes).toHaveLength(1);
  });

  it.skipIf(process.platform === "win32")("of 20,000 rows takes no long time", async () => {
    const tree = makeTemporaryTree();
    for (let i = 0; i < 1_000; i++) tree.write(`real/f${i}`);
    for (let i = 1; i < 20; i++) symlinkSync("real", tree.at(`link${i}`));
    const begin = performance.now();
    expect(await filenames(tree)).toHaveLength(20_000);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe("a root that is not there", () => {
  const failing = (message: RegExp) =>
    expect.objectContaining({ code: "listing-failed", message: expect.stringMatching(message) });

  it("fails the listing with one line that names it", async () => {
    const tree = makeTemporaryTree({ file: "" });
    const missing = await open(tree, { path: "data" });
    await expect(missing.list()).rejects.toThrow(
      failing(/^cannot list "data" \(\/.*data\): there is no such directory$/),
    );
    await expect(missing.list()).rejects.toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/app directory/) }),
    );
    await expect((await open(tree, { path: "file" })).list()).rejects.toThrow(
      failing(/it is not a directory$/),
    );
    await expect((await open(tree, { path: "file/x" })).list()).rejects.toThrow(failing(/no such directory/));
  });

  it("fails the listing when it goes away or is replaced meanwhile", async () => {
    for (const replace of [false, true]) {
      const tree = makeTemporaryTree();
      for (let i = 0; i < 1_500; i++) tree.write(`data/${i % 3}/f${i}`);
      // A directory that was made and filled within one tick is not told from another one of that kind.
      letClockPass();
      tree.write("data/last");
      const use = localFiles({ path: "data" });
      const connection = await use.definition.create(use.spec, sourceContext(tree.path));
      const listing = async () => {
        const options = { signal: new AbortController().signal, incomplete: () => {} };
        for await (const _ of use.definition.list(connection, options)) {
          rmSync(tree.at("data"), { recursive: true, force: true });
          if (replace) tree.write("data/other");
        }
      };
      await expect(listing()).rejects.toThrow(failing(/went away while it was listed/));
    }
  });

  it("makes no row gone", async () => {
    const tree = makeTemporaryTree({ "data/a": "a" });
    const source = await open(tree, { path: "data" });
    await source.list();
    renameSync(tree.at("data"), tree.at("moved"));
    await expect(source.get({ filename: "a" })).rejects.toThrow(
      expect.objectContaining({ code: "source-read-failed", message: expect.stringContaining("went away") }),
    );
    mkdirSync(tree.at("data"));
    await expect(source.get({ filename: "a" })).rejects.toThrow(/went away/);
  });
});

describe.skipIf(process.platform === "win32")("links", () => {
  it("are followed inside the root, to files and directories; a file reached twice is two rows", async () => {
    const tree = makeTemporaryTree({ "docs/a.md": "a" });
    symlinkSync("docs", tree.at("again"));
    symlinkSync(tree.at("docs/a.md"), tree.at("b.md"));
    symlinkSync("again/a.md", tree.at("c.md"));
    const source = await open(tree);
    const entries = await source.list();
    expect(entries.map(({ key }) => key.filename)).toEqual(["again/a.md", "b.md", "c.md", "docs/a.md"]);
    expect(new Set(entries.map(({ contentVersion }) => String(contentVersion))).size).toBe(1);
    for (const { key } of entries) expect((await source.get(key))?.value.content).toBe("a");
  });

  it("sort as what they lead to", async () => {
    const tree = makeTemporaryTree({ "docs/x": "", "a.md": "" });
    symlinkSync("docs", tree.at("a"));
    expect(await filenames(tree)).toEqual(["a.md", "a/x", "docs/x"]);
  });

  it("out of the root are no rows, nor is what lies behind them", async () => {
    const tree = makeTemporaryTree({ "data/a": "", "data-secret/s": "", secret: "" });
    symlinkSync("../secret", tree.at("data/file"));
    symlinkSync("../data-secret", tree.at("data/directory"));
    symlinkSync("..", tree.at("data/parent"));
    expect(await filenames(tree, { path: "data" })).toEqual(["a"]);
    const source = await open(tree, { path: "data" });
    for (const filename of [
      "file",
      "directory/s",
      "parent/secret",
      "../secret",
      "a/../../secret",
      "/etc/passwd",
      "",
    ])
      expect(await source.get({ filename })).toBeNull();
  });

  it("that are broken or turn in a circle are no rows", async () => {
    const tree = makeTemporaryTree({ "a/b/c": "" });
    symlinkSync("nowhere", tree.at("broken"));
    symlinkSync("self", tree.at("self"));
    symlinkSync("..", tree.at("a/b/up"));
    symlinkSync(".", tree.at("here"));
    symlinkSync("../../a", tree.at("a/b/top"));
    const source = await open(tree);
    expect((await source.list()).map(({ key }) => key.filename)).toEqual(["a/b/c"]);
    for (const filename of ["broken", "self", "a/b/up/b/c", "here/a/b/c", "a/b/top/b/c"])
      expect(await source.get({ filename })).toBeNull();
  });

  it("that lead out are no way back in", async () => {
    const tree = makeTemporaryTree({ "data/x/a": "", "other/b": "" });
    symlinkSync("../other", tree.at("data/out"));
    symlinkSync("../data/x", tree.at("other/in"));
    const source = await open(tree, { path: "data" });
    expect((await source.list()).map(({ key }) => key.filename)).toEqual(["x/a"]);
    expect(await source.get({ filename: "out/in/a" })).toBeNull();
  });

  it("between directories end", async () => {
    const tree = makeTemporaryTree({ "a/x": "", "b/y": "" });
    symlinkSync("../b", tree.at("a/to-b"));
    symlinkSync("../a", tree.at("b/to-a"));
    expect(await filenames(tree)).toEqual(["a/to-b/y", "a/x", "b/to-a/x", "b/y"]);
  });

  it("may be the root, and are seen when they turn elsewhere", async () => {
    const tree = makeTemporaryTree({ "v1/a": "1", "v2/a": "2" });
    symlinkSync("v1", tree.at("current"));
    const source = await open(tree, { path: "current" });
    const [before] = await source.list();
    unlinkSync(tree.at("current"));
    symlinkSync("v2", tree.at("current"));
    await expect(source.get({ filename: "a" })).rejects.toThrow(/went away/);
    const [after] = await source.list();
    expect(equalBytes(before!.contentVersion as Uint8Array, after!.contentVersion as Uint8Array)).toBe(false);
    expect((await source.get({ filename: "a" }))?.value.content).toBe("2");
  });

  it("in the place of the root lose no row when they lead to where it went", async () => {
    const tree = makeTemporaryTree({ "data/a": "1" });
    const source = await open(tree, { path: "data" });
    await source.list();
    renameSync(tree.at("data"), tree.at("elsewhere"));
    symlinkSync("elsewhere", tree.at("data"));
    await expect(source.get({ filename: "a" })).rejects.toThrow(/went away/);
    await source.list();
    expect((await source.get({ filename: "a" }))?.value.content).toBe("1");
  });

  it("obey the patterns by their own path", async () => {
    const tree = makeTemporaryTree({ "docs/a.md": "", "docs/b.txt": "" });
    symlinkSync("docs", tree.at("link"));
    symlinkSync("docs/b.txt", tree.at("b.md"));
    expect(await filenames(tree, { includedPatterns: ["link/*.md", "*.md"] })).toEqual(["b.md", "link/a.md"]);
    expect(await filenames(tree, { excludedPatterns: ["docs"] })).toEqual([
      "b.md",
      "link/a.md",
      "link/b.txt",
    ]);
  });
});

describe.skipIf(process.platform === "win32")("special files", () => {
  it("are left out and never opened", async () => {
    const tree = makeTemporaryTree({ a: "" });
    execFileSync("mkfifo", [tree.at("pipe")]);
    symlinkSync("pipe", tree.at("to-pipe"));
    const server = createServer().listen(tree.at("socket"));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const source = await open(tree);
    expect((await source.list()).map(({ key }) => key.filename)).toEqual(["a"]);
    for (const filename of ["pipe", "to-pipe", "socket"]) expect(await source.get({ filename })).toBeNull();
  });
});

describe.runIf(process.platform === "linux")("names that are not valid UTF-8", () => {
  const raw = (tree: TemporaryTree, bytes: readonly number[]) =>
    Buffer.concat([Buffer.from(`${tree.path}/`), Buffer.from(bytes)]);

  it("leave the listing incomplete and the rest of it whole", async () => {
    const tree = makeTemporaryTree({ "a.md": "", "\ufffd.md": "by right", "z/b.md": "" });
    writeFileSync(raw(tree, [0xff, 0x2e, 0x6d, 0x64]), "bad");
    writeFileSync(raw(tree, [0xfe, 0x2e, 0x6d, 0x64]), "bad");
    mkdirSync(raw(tree, [0x78, 0xe2, 0x82]));
    const incomplete: unknown[] = [];
    const source = await open(tree);
    const entries = await source.list({ incomplete });
    expect(entries.map(({ key }) => key.filename)).toEqual(["a.md", "z/b.md", "\ufffd.md"]);
    expect((await source.get({ filename: "\ufffd.md" }))?.value.content).toBe("by right");
    expect(incomplete).toEqual([
      expect.objectContaining({
        code: "listing-incomplete",
        message: expect.stringMatching(/and 2 more .* not valid UTF-8$/),
      }),
    ]);
  });

  it("matter only where the patterns take them", async () => {
    const tree = makeTemporaryTree({ "a.md": "" });
    writeFileSync(raw(tree, [0xff, 0x2e, 0x74]), "");
    mkdirSync(raw(tree, [0x2e, 0xff]));
    expect(await filenames(tree, { includedPatterns: ["*.md"] })).toEqual(["a.md"]);
    expect(await filenames(tree, { excludedPatterns: ["?.t"] })).toEqual(["a.md"]);
  });
});

describe("what may not be read", () => {
  beforeEach((context) => {
    context.skip(!canBeUnprivileged, "permissions bind nobody here");
  });

  const denied = (code: string) =>
    expect.objectContaining({ code, message: expect.stringMatching(/permission denied \(EACCES\)$/) });

  /** Lists and reads as a user whom permissions bind; all calls of the source are synchronous inside. */
  function openUnprivileged(tree: TemporaryTree) {
    chmodSync(tree.path, 0o755);
    const use = localFiles({ path: "." });
    const connection = use.definition.create(use.spec, sourceContext(tree.path, systemClock));
    return {
      async list() {
        const incomplete: unknown[] = [];
        const options = {
          signal: new AbortController().signal,
          incomplete: (reason: unknown) => void incomplete.push(reason),
        };
        const slices = asUnprivileged(() => {
          const listing = use.definition.list(connection, options) as AsyncIterableIterator<
            readonly { key: Key }[]
          >;
          return listing.next();
        });
        const { value } = await slices;
        return { filenames: ((value ?? []) as { key: Key }[]).map(({ key }) => key.filename), incomplete };
      },
      read: (filename: string) =>
        asUnprivileged(() =>
          use.definition.getValue(connection, { filename }, { signal: new AbortController().signal }),
        ),
    };
  }

  it("is an error of the row for a file, which is listed", async () => {
    const tree = makeTemporaryTree({ a: "a", secret: "s" });
    chmodSync(tree.at("secret"), 0o000);
    const source = openUnprivileged(tree);
    expect(await source.list()).toEqual({ filenames: ["a", "secret"], incomplete: [] });
    expect(source.read("a")).toMatchObject({ value: { content: "a" } });
    expect(() => source.read("secret")).toThrow(denied("source-read-failed"));
  });

  it("leaves the listing incomplete for a directory, and the rest goes on", async () => {
    const tree = makeTemporaryTree({ "a/x": "", "b/y": "", "c/z": "", "c/zz": "" });
    chmodSync(tree.at("a"), 0o000);
    chmodSync(tree.at("c"), 0o444);
    const { filenames, incomplete } = await openUnprivileged(tree).list();
    expect(filenames).toEqual(["b/y"]);
    expect(incomplete).toEqual([denied("listing-incomplete"), denied("listing-incomplete")]);
    expect(String(incomplete[0])).toContain('"a"');
    expect(String(incomplete[1])).toContain('"c/z"');
  });

  it("fails the listing for the root", async () => {
    const tree = makeTemporaryTree({ a: "" });
    const source = openUnprivileged(tree);
    chmodSync(tree.path, 0o000);
    await expect(source.list()).rejects.toThrow(denied("listing-failed"));
  });

  it("leaves the listing incomplete for a link into it", async () => {
    const tree = makeTemporaryTree({ "data/a": "" });
    chmodSync(tree.at("data"), 0o000);
    symlinkSync("data/a", tree.at("link"));
    expect(await openUnprivileged(tree).list()).toEqual({
      filenames: [],
      incomplete: [denied("listing-incomplete"), denied("listing-incomplete")],
    });
  });
});

describe("the version of a file", () => {
  const versionIn = async (source: Awaited<ReturnType<typeof open>>, filename = "a") =>
    (await source.list()).find(({ key }) => key.filename === filename)?.contentVersion as Uint8Array;

  it("is the same from the listing and the reading, for as long as nothing happens", async () => {
    const tree = makeTemporaryTree({ a: "a" });
    letClockPass();
    const source = await open(tree);
    const listed = await versionIn(source);
    expect((await source.get({ filename: "a" }))?.contentVersion).toEqual(listed);
    expect(await versionIn(await open(tree))).toEqual(listed);
  });

  it("is other after an older copy was put back with its time preserved", async () => {
    const tree = makeTemporaryTree({ a: "old" });
    const past = new Date("2020-01-01T00:00:00Z");
    utimesSync(tree.at("a"), past, past);
    cpSync(tree.at("a"), tree.at(".backup"), { preserveTimestamps: true });
    const source = await open(tree);
    const first = await versionIn(source);
    unlinkSync(tree.at("a"));
    cpSync(tree.at(".backup"), tree.at("a"), { preserveTimestamps: true });
    expect(statSync(tree.at("a")).mtimeMs).toBe(past.getTime());
    expect(equalBytes(await versionIn(source), first)).toBe(false);
  });

  it("is other after an edit of the same size with the time put back, unless only size and mtime count", async () => {
    const tree = makeTemporaryTree({ a: "old" });
    const past = new Date("2020-01-01T00:00:00Z");
    utimesSync(tree.at("a"), past, past);
    const strict = await open(tree);
    const loose = await open(tree, { changeDetection: "sizeMtime" });
    const before = [await versionIn(strict), await versionIn(loose)] as const;
    letClockPass();
    writeFileSync(tree.at("a"), "new");
    utimesSync(tree.at("a"), past, past);
    expect(equalBytes(await versionIn(strict), before[0])).toBe(false);
    expect(equalBytes(await versionIn(loose), before[1])).toBe(true);
  });

  it("never lets an edit pass unseen, however soon it follows the reading", async () => {
    const tree = makeTemporaryTree({ a: "0000" });
    const past = new Date("2020-01-01T00:00:00Z");
    const source = await open(tree);
    let trusted = 0;
    for (let i = 1; i <= 400; i++) {
      writeFileSync(tree.at("a"), String(i).padStart(4, "0"));
      utimesSync(tree.at("a"), past, past);
      if (i % 20 === 0) letClockPass(i % 40 === 0 ? 40 : 3);
      const read = await source.get({ filename: "a" });
      writeFileSync(tree.at("a"), String(-i).padStart(4, "x"));
      utimesSync(tree.at("a"), past, past);
      if (read?.contentVersion === undefined) continue;
      trusted++;
      expect(equalBytes(await versionIn(source), read.contentVersion as Uint8Array)).toBe(false);
    }
    expect(trusted).toBeGreaterThan(0);
  });

  it("is kept back for a file that was just written, and given when it is read later", async () => {
    const tree = makeTemporaryTree({ a: "a" });
    let now = 0;
    const source = await open(tree, {}, { ...systemClock, monotonic: () => now });
    await source.get({ filename: "a" });
    writeFileSync(tree.at("a"), "b");
    expect(await source.get({ filename: "a" })).toEqual({ value: { content: "b" } });
    letClockPass();
    now = 40;
    expect((await source.get({ filename: "a" }))?.contentVersion).toEqual(await versionIn(source));
  });

  it("is not given at all when content decides", async () => {
    const tree = makeTemporaryTree({ a: "a" });
    letClockPass();
    const source = await open(tree, { changeDetection: "content" });
    expect(await source.list()).toEqual([{ key: { filename: "a" } }]);
    expect(await source.get({ filename: "a" })).toEqual({ value: { content: "a" } });
  });

  it("asks the clock in no directory of the source", async () => {
    const tree = makeTemporaryTree({ "data/a": "a", ".sluice/keep": "" });
    const before = statSync(tree.at("data"), { bigint: true }).mtimeNs;
    const source = await open(tree, { path: "data" });
    await source.get({ filename: "a" });
    expect(statSync(tree.at("data"), { bigint: true }).mtimeNs).toBe(before);
    expect(readdirSync(tree.at(".sluice"))).toEqual(["keep"]);
  });
});

describe("a value", () => {
  it("is text without byte order mark, in any encoding", async () => {
    const tree = makeTemporaryTree({
      a: "\ufeffäöü",
      b: Buffer.from("\ufeffäöü", "utf16le"),
      c: Buffer.from("äöü", "latin1"),
    });
    const read = async (filename: string, encoding?: string) =>
      (await (await open(tree, encoding ? { encoding } : {})).get({ filename }))?.value.content;
    expect(await read("a")).toBe("äöü");
    expect(await read("b", "utf-16le")).toBe("äöü");
    expect(await read("c", "latin1")).toBe("äöü");
    await expect(read("c")).rejects.toThrow(
      expect.objectContaining({
        code: "text-undecodable",
        message: expect.stringContaining('"c" is not utf-8 text: byte 0'),
      }),
    );
  });

  it("is bytes with binary: true", async () => {
    const tree = makeTemporaryTree({ a: Uint8Array.of(0xff, 0, 0xef), empty: "" });
    const use = localFiles({ path: ".", binary: true });
    const source = await openSource<Key, { content: Uint8Array }>(use, tree.path);
    expect((await source.get({ filename: "a" }))?.value.content).toEqual(Uint8Array.of(0xff, 0, 0xef));
    expect((await source.get({ filename: "empty" }))?.value.content).toEqual(new Uint8Array());
    expect(use.definition.value.safeParse({ content: Uint8Array.of(1) }).success).toBe(true);
  });

  it("is null when the row is gone, or would not be listed", async () => {
    const tree = makeTemporaryTree({ "a.md": "", "b.txt": "", "x/c.md": "", "d/e.md": "" });
    const source = await open(tree, { includedPatterns: ["**/*.md"], excludedPatterns: ["x"] });
    unlinkSync(tree.at("a.md"));
    for (const filename of ["a.md", "b.txt", "x/c.md", "d", "d/", "d//e.md", "d/./e.md", "a\0"])
      expect(await source.get({ filename })).toBeNull();
    expect(await source.get({ filename: "d/e.md" })).not.toBeNull();
  });

  it("of a copied or moved project is the same", async () => {
    const tree = makeTemporaryTree({ "one/data/a": "a" });
    mkdirSync(tree.at("two/data"), { recursive: true });
    copyFileSync(tree.at("one/data/a"), tree.at("two/data/a"));
    for (const project of ["one", "two"]) {
      const source = await openSource<Key, Text>(localFiles({ path: "data" }), join(tree.path, project));
      expect((await source.list()).map(({ key }) => key.filename)).toEqual(["a"]);
    }
  });
});
