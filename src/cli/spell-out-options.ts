const allowDeletions = "--allow-deletions";

/** What `--allow-deletions` without a number means. */
export const anyNumber = "any";

/**
 * Spells out `--allow-deletions` where it stands without a number, since an option that may have a value would take
 * the file behind it for one.
 */
export function spellOutOptions(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) => {
    const isOption = arg === allowDeletions && (end === -1 || index < end);
    return isOption && !/^\d+$/.test(args[index + 1] ?? "") ? `${arg}=${anyNumber}` : arg;
  });
}
