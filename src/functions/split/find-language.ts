import { type LanguageInfo, languages } from "./languages.ts";

const byName = indexed((language) => [language.name, ...language.aliases]);
const byExtension = indexed((language) => language.extensions);
const byFilename = indexed((language) => language.filenames);

/** The first language that claims a word has it. */
function indexed(wordsOf: (language: LanguageInfo) => readonly string[]): ReadonlyMap<string, LanguageInfo> {
  const index = new Map<string, LanguageInfo>();
  for (const language of languages) {
    for (const word of wordsOf(language)) if (!index.has(word)) index.set(word, language);
  }
  return index;
}

/** By a name, an alias, or an extension with or without its dot, in any case. */
export function findLanguage(nameOrExtension: string): LanguageInfo | null {
  const word = nameOrExtension.toLowerCase();
  return byName.get(word) ?? byExtension.get(word) ?? byExtension.get(`.${word}`) ?? null;
}

/** By the last part of a path: a whole name first, then the longest extension that is known. */
export function findLanguageOfFile(path: string): LanguageInfo | null {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  const named = byFilename.get(name);
  if (named !== undefined) return named;
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    const found = byExtension.get(name.slice(dot));
    if (found !== undefined) return found;
  }
  const firstDot = name.indexOf(".", 1);
  return firstDot < 0 ? null : (byFilename.get(`${name.slice(0, firstDot)}.*`) ?? null);
}
