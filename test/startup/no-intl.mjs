// Ends a process that makes an object of `Intl`: the first takes longer than many a command.
for (const name of [
  "Collator",
  "DateTimeFormat",
  "NumberFormat",
  "PluralRules",
  "RelativeTimeFormat",
  "Segmenter",
]) {
  const refuse = () => {
    throw new Error(`Intl.${name} was made`);
  };
  Intl[name] = new Proxy(Intl[name], { construct: refuse, apply: refuse });
}
