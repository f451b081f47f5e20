import { SluiceError } from "../errors/index.ts";
import { checkName } from "./name.ts";

const brand = Symbol.for("sluice.named-connection");
const place = Symbol.for("sluice.named-connections");

/**
 * How to reach an outside system, under a name. Specs, records and plans have the name alone; what it stands for, such
 * as an address with its password or a client that the user made, stays in the process.
 */
export interface NamedConnection<T = unknown> {
  readonly [brand]: true;
  readonly name: string;
  /** `{ connection: name }` */
  toJSON(): { readonly connection: string };
  /** What the name stands for, for the compiler alone. */
  readonly value?: T;
}

/**
 * Names a connection, so that a flow can say which one it uses without saying how it is made. The value is what the
 * connector takes: an address, options, or a client of the user's, which Sluice then uses and never closes. A name that
 * is given again stands for the later value.
 *
 * @example
 * const main = defineConnection("main", new pg.Pool({ host: "db", password: process.env.DB_PASSWORD }));
 * // in a flow: collector.export("Docs", postgres({ connection: main }), …)
 *
 * @throws SluiceError `name-invalid`
 */
export function defineConnection<T>(name: string, value: T): NamedConnection<T> {
  checkName("a connection", name);
  connections().set(name, value);
  return Object.freeze<NamedConnection<T>>({
    [brand]: true,
    name,
    toJSON: () => ({ connection: name }),
  });
}

/** Whether a value is a named connection, of whatever copy of the package. */
export function isNamedConnection(value: unknown): value is NamedConnection {
  return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

/**
 * What a name stands for in this process. Connectors look it up when they connect: what was recorded by an earlier
 * process has but the name.
 *
 * @throws SluiceError `connection-missing`
 */
export function connectionNamed(name: string): unknown {
  const known = connections();
  if (known.has(name)) return known.get(name);
  throw new SluiceError("connection-missing", `no connection is named ${name}`, {
    hint: `Say what it is with defineConnection(${JSON.stringify(name)}, …) in the flow file.`,
  });
}

/** Shared by every copy of the package in a process, since a flow file and its runner may each load one. */
function connections(): Map<string, unknown> {
  const holder = globalThis as { [place]?: Map<string, unknown> };
  holder[place] ??= new Map();
  return holder[place];
}
