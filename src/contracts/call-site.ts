/** A position in the code that V8 runs, which need not be the code that the user wrote. */
export interface CallSite {
  /** A path or `file:` URL. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

interface V8CallSite {
  getFileName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

interface V8ErrorConstructor {
  captureStackTrace(target: object, below: unknown): void;
  prepareStackTrace?: unknown;
}

/**
 * Where the caller of `below` stands, as V8 sees it (no source map applied); null when V8 cannot say.
 * Uses V8's structured stack traces: https://v8.dev/docs/stack-trace-api
 */
export function captureCallSite(below: unknown): CallSite | null {
  const v8Error = Error as unknown as V8ErrorConstructor;
  const before = v8Error.prepareStackTrace;
  const holder: { stack?: unknown } = {};
  try {
    v8Error.prepareStackTrace = (_error: unknown, sites: unknown) => sites;
    v8Error.captureStackTrace(holder, below);
    const sites = holder.stack as readonly V8CallSite[];
    const site = sites.find((candidate) => isUserFile(candidate.getFileName()));
    const file = site?.getFileName();
    if (!site || !file) return null;
    return { file, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
  } finally {
    v8Error.prepareStackTrace = before;
  }
}

function isUserFile(file: string | null): boolean {
  return file !== null && !file.startsWith("node:");
}
