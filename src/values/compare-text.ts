/**
 * Compares texts by their UTF-8 bytes, which is the order of code points; `<` on strings is the order of UTF-16,
 * which differs where one text has a character beyond U+FFFF.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other code unit, so they rank last. */
function codePointRank(codeUnit: number): number {
  return (codeUnit & 0xf800) === 0xd800 ? codeUnit + 0x10000 : codeUnit;
}
