/** Something that a check refuses. */
export interface Finding {
  readonly rule: string;
  /** Relative to the project's root. */
  readonly file: string;
  /** From 1; 1 where the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

/** What a check did: an empty list of findings says nothing without the number of files behind it. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly filesRead: number;
}

/** Prints the findings and a closing line, and sets the exit code. */
export function reportCheck(name: string, { findings, filesRead }: CheckResult): void {
  for (const finding of findings) console.error(formatFinding(finding));
  console.log(`${name}: ${filesRead} files read, ${findings.length} findings`);
  if (findings.length > 0) process.exitCode = 1;
}

/** `file:line message (rule)`, which editors and terminals make clickable. */
export function formatFinding({ rule, file, line, message }: Finding): string {
  return `${file}:${line} ${message} (${rule})`;
}
