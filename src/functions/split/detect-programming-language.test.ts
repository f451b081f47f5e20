import { expect, test } from "vitest";
import { detectProgrammingLanguage } from "./detect-programming-language.ts";
import { findLanguage } from "./find-language.ts";
import { languages } from "./languages.ts";

function detect(filename: string): unknown {
  return detectProgrammingLanguage.definition.run!({ filename }, undefined as never);
}

test.each([
  ["main.py", "python"],
  ["src/app.ts", "typescript"],
  ["C:\\code\\App.TSX", "tsx"],
  ["types.d.ts", "typescript"],
  ["lib.rs", "rust"],
  ["a.b.go", "go"],
  ["vector.hpp", "c++"],
  ["Program.cs", "c#"],
  ["Gemfile", "ruby"],
  ["deploy.sh", "bash"],
  ["Dockerfile", "dockerfile"],
  ["images/Dockerfile.release", "dockerfile"],
  ["Makefile", "makefile"],
  ["CMakeLists.txt", "cmake"],
  ["view.blade.php", "blade"],
  ["notes.MD", "markdown"],
  [".gitignore", "gitignore"],
  [".env.local", "dotenv"],
  ["query.sql", "sql"],
  ["README", "text"],
])("%s is %s", (filename, language) => {
  expect(detect(filename)).toBe(language);
});

test.each(["photo.raw", "noextension", "", ".", "dir.py/binary", "trailing."])(
  "%s is not known",
  (filename) => {
    expect(detect(filename)).toBeNull();
  },
);

test("every extension and name of a language finds a language, and every language is found by its name", () => {
  expect(languages.length).toBeGreaterThan(100);
  for (const { name, extensions, aliases } of languages) {
    expect(findLanguage(name)?.name, name).toBe(name);
    for (const word of [...extensions, ...aliases]) expect(findLanguage(word), word).not.toBeNull();
  }
});

test("no two languages claim one name, extension or name of a file", () => {
  for (const list of ["extensions", "filenames"] as const) {
    const words = languages.flatMap((language) => language[list]);
    expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
  }
  const names = languages.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
