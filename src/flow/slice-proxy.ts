import { isReservedName } from "./reserved-names.ts";

/** What an object of a flow's body answers. */
export interface ProxyShape {
  /** Shown where the object is printed. */
  readonly text: string;
  readonly fieldNames: readonly string[];
  /** Its own methods, by name. */
  readonly methods: Readonly<Record<string, unknown>>;
  field(name: string): unknown;
  /** The error for a name that is no property. */
  noProperty(name: string): Error;
  /** The error for an object that was used as if it were the value itself. */
  notValue(): Error;
}

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** Names that test runners and printers ask any object for: an answer of undefined, where no field has the name. */
const probes: ReadonlySet<string> = new Set([
  "asymmetricMatch",
  "catch",
  "finally",
  "hasAttribute",
  "inspect",
  "length",
  "nodeType",
  "tagName",
]);

/**
 * An object whose properties are the fields of a struct. Unknown names throw, but for those that JavaScript itself
 * asks for, so that awaiting, printing and comparing one is harmless. Its fields can be listed and spread.
 */
export function sliceProxy(shape: ProxyShape): object {
  const target = {};
  // Node prints the target and not the proxy.
  Object.defineProperty(target, inspect, { value: () => shape.text, configurable: true });
  const visible = new Set(shape.fieldNames.filter((name) => !isReservedName(name)));
  return new Proxy(target, {
    get: (_target, name) =>
      typeof name === "symbol" ? symbolMember(shape, name) : member(shape, visible, name),
    has: (_target, name) => typeof name === "string" && (visible.has(name) || name in shape.methods),
    ownKeys: () => [...visible],
    getOwnPropertyDescriptor: (_target, name) =>
      typeof name === "string" && visible.has(name)
        ? { value: shape.field(name), enumerable: true, configurable: true, writable: false }
        : undefined,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}

function member(shape: ProxyShape, visible: ReadonlySet<string>, name: string): unknown {
  if (Object.hasOwn(shape.methods, name)) return shape.methods[name];
  if (visible.has(name)) return shape.field(name);
  if (name === "toString" || name === "valueOf") return () => refuse(shape);
  if (name === "constructor") return Object;
  if (name === "__proto__") return Object.prototype;
  if (name === "then" || name === "toJSON" || probes.has(name) || /^[$@]{2}/.test(name)) return undefined;
  throw shape.noProperty(name);
}

function symbolMember(shape: ProxyShape, name: symbol): unknown {
  if (name === Symbol.toPrimitive) return () => refuse(shape);
  if (name === inspect) return () => shape.text;
  return undefined;
}

function refuse(shape: ProxyShape): never {
  throw shape.notValue();
}
