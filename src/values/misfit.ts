/**
 * Why a value does not fit its type, and where inside the value. It is returned, not thrown, so that trying the
 * options of a union costs no exception; only what leaves this folder throws.
 */
export class Misfit {
  readonly message: string;
  /** Such as `chunks[3].text`; empty for the value itself. */
  readonly path: string;

  constructor(message: string, path = "") {
    this.message = message;
    this.path = path;
  }

  /** The same problem, seen from the struct that holds the value in this field. */
  underField(name: string): Misfit {
    return this.#under(isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
  }

  /** The same problem, seen from the array that holds the value at this position. */
  underIndex(index: number): Misfit {
    return this.#under(`[${index}]`);
  }

  toString(): string {
    return this.path === "" ? this.message : `${this.path}: ${this.message}`;
  }

  #under(segment: string): Misfit {
    const path = segment + (this.path === "" || this.path.startsWith("[") ? "" : ".") + this.path;
    return new Misfit(this.message, path.startsWith(".") ? path.slice(1) : path);
  }
}

/** The usual misfit: something else was expected. */
export function expected(what: string, value: unknown): Misfit {
  return new Misfit(`expected ${what}, got ${describeValue(value)}`);
}

/** A value in a few words, for messages: never long, never an exception. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the text ${quoteShort(value)}`;
  if (typeof value === "number" || typeof value === "boolean") return `${typeof value} ${String(value)}`;
  if (typeof value === "bigint") return `bigint ${String(value)}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `a value of class ${name}`
    : "an object";
}

/** Whether a name can stand behind a dot. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

function quoteShort(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
