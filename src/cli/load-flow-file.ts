import type { Flow } from "../app/flow.ts";
import { definedFlows } from "../app/flow-registry.ts";
import { isSluiceError, messageOf, SluiceError } from "../errors/index.ts";
import { displayPath } from "./display-path.ts";
import { importModule } from "./import-module.ts";
import { type Frame, filePath, userFrame } from "./user-frame.ts";

/**
 * Runs a flow file; the flows that it defines.
 *
 * @throws SluiceError `file-invalid`, `flow-missing`, and those of definitions
 */
export async function loadFlowFile(path: string): Promise<readonly Flow[]> {
  const before = new Set(definedFlows());
  try {
    await importModule(path);
  } catch (thrown) {
    throw isSluiceError(thrown) ? thrown : fileProblem(thrown, path);
  }
  const flows = definedFlows().filter((flow) => !before.has(flow));
  if (flows.length > 0) return flows;
  throw new SluiceError("flow-missing", `${displayPath(path)} defines no flow`, {
    hint: `Call defineFlow("Name", (flow) => { … }) in it, or import a module that does.`,
  });
}

/** What went wrong while a file was read or run, in one line with the place of it. */
function fileProblem(thrown: unknown, path: string): SluiceError {
  const { message, frame } = explain(thrown);
  const place = frame ? `${displayPath(frame.file)}:${frame.line}` : displayPath(path);
  return new SluiceError("file-invalid", `${place}: ${message}`, { cause: thrown, hint: hintFor(thrown) });
}

interface Explanation {
  readonly message: string;
  readonly frame: Frame | null;
}

function explain(thrown: unknown): Explanation {
  const text = messageOf(thrown);
  return syntaxError(text) ?? { message: nameAndMessage(thrown, text), frame: userFrame(thrown) };
}

/** As jiti words it: `ParseError: Unexpected token` and the place in the next line. */
function syntaxError(text: string): Explanation | null {
  const found = /^ParseError: ([\s\S]*?)\s*\n\s*(.+):(\d+):\d+\s*$/.exec(text);
  if (!found) return null;
  const [, message, file, line] = found;
  // Some messages repeat the place in brackets.
  const plain = message!.replace(/\s*\(\d+:\d+\)$/, "");
  return {
    message: `syntax error: ${plain}`,
    frame: { file: filePath(file!), line: Number(line) },
  };
}

function nameAndMessage(thrown: unknown, text: string): string {
  const line = text.split("\n")[0]!.replace(/\(0 , _[\w$]+\.([\w$]+)\)/g, "$1");
  if (!(thrown instanceof Error)) return `it threw ${JSON.stringify(line)}`;
  return thrown.name === "Error" || line.startsWith(thrown.name) ? line : `${thrown.name}: ${line}`;
}

function hintFor(thrown: unknown): string | undefined {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(messageOf(thrown))?.[1];
  const notFound = code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
  if (!notFound || missing === undefined || /^[./]|^[A-Za-z]:/.test(missing)) return undefined;
  return `Install it with: npm install ${packageName(missing)}`;
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
