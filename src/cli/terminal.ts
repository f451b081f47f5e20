import { type Style, styleFor } from "./style.ts";

/** Where a command prints, and what the other end can take. */
export interface Terminal {
  /** Results. */
  print(text: string): void;
  /** Progress, questions and messages. */
  tell(text: string): void;
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** How wide results may be; null where they go to a file or another program. */
  readonly columns: number | null;
  /** The same for messages. */
  readonly errColumns: number | null;
  /** Somebody is there to answer a question. */
  readonly interactive: boolean;
  /** A steady display can be drawn on the error stream. */
  readonly display: NodeJS.WriteStream | null;
  readonly verbose: boolean;
}

export function openTerminal({ verbose }: { readonly verbose: boolean }): Terminal {
  const { stdout, stderr, stdin, env } = process;
  const dumb = env.TERM === "dumb";
  return {
    print: (text) => void stdout.write(`${text}\n`),
    tell: (text) => void stderr.write(`${text}\n`),
    // Asked anew each time: a window can be resized while a command runs.
    get columns() {
      return columnsOf(stdout);
    },
    get errColumns() {
      return columnsOf(stderr);
    },
    outStyle: styleFor(stdout, env),
    errStyle: styleFor(stderr, env),
    interactive: Boolean(stdin.isTTY && stderr.isTTY) && !dumb,
    display: stderr.isTTY && !dumb ? stderr : null,
    verbose,
  };
}

function columnsOf(stream: NodeJS.WriteStream): number | null {
  return stream.isTTY ? stream.columns || 80 : null;
}

/** Waits until everything that was printed has left the process: a pipe may still hold it at exit. */
export async function drainOutput(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(drained));
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}
