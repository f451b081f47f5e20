import { expect, it } from "vitest";
import { parseSource } from "./parse-source.ts";
import { analyseScopes } from "./scope.ts";
import { nameOf } from "./syntax-node.ts";

/** The names that a program uses and does not bind, sorted. */
function freeNames(text: string, path = "a.ts"): string {
  const { references } = analyseScopes(parseSource(path, text).program);
  const free = [...references].filter(([, binding]) => binding === null).map(([node]) => nameOf(node));
  return [...new Set(free)].sort().join(" ");
}

it.each([
  [
    "parameters and their defaults",
    "(a, { b, c: [d = g1], ...e } = g2, ...f) => [a, b, d, e, f, c]",
    "c g1 g2",
  ],
  [
    "hoisted functions and vars",
    "() => { h(); { var v; function inner() {} } v; inner; function h() {} }",
    "inner",
  ],
  ["let of a block", "() => { { let a; a; } a; }", "a"],
  [
    "loops",
    "() => { for (const a of g1) a; for (let i = 0; i < g2; i++) i; for (var k in g3) k; k; i; }",
    "g1 g2 g3 i",
  ],
  [
    "catch",
    "() => { try { g1; } catch ({ message }) { message; } try {} catch { e; } message; }",
    "e g1 message",
  ],
  ["labels", "() => { out: for (;;) { break out; } }", ""],
  ["names of function and class expressions", "[function f() { f; }, class A { x = A; }, f, A]", "A f"],
  ["property names", "(a) => ({ b: a.c, d() {}, [g1]: a?.e, get f() { return a.h; } })", "g1"],
  ["private names", "class A { #x = g1; has(o) { return #x in o && o.#x; } }", "g1"],
  [
    "class members",
    "class A extends g1 { [g2] = g3; static { const s = 1; var t; s; } m(p) { s; t; return p; } }",
    "g1 g2 g3 s t",
  ],
  ["destructuring into what exists", "let a; ({ a, b: g1.c, d: [g2] = g3 } = g4);", "g1 g2 g3 g4"],
  ["types", "let a: T1 = g1 as T2; function f<T3>(x: T4): x is T5 {} type T6 = typeof g9; f<T7>(a!);", "g1"],
  ["decorators", "@g1 class A { @g2(g3) m(x) {} }", "g1 g2 g3"],
  ["meta properties", "() => [import.meta.url, function () { new.target; }]", ""],
  [
    "enums and namespaces",
    "enum E { A = 1, B = A << g1 } namespace N { export const c = g2; c; } [E, N]; c; B;",
    "B c g1 g2",
  ],
  [
    "exports",
    "const a = 1; export { a as b }; export { c } from 'd'; export * as e from 'f'; export default a;",
    "",
  ],
])("%s", (_name, text, free) => {
  expect(freeNames(text)).toBe(free);
});

it("JSX", () => {
  expect(
    freeNames("const B = 1; [<a x={g1} y='z'><B.c /><G2 {...g3}>text</G2><g4.x /><n:m /></a>];", "a.tsx"),
  ).toBe("G2 g1 g3 g4");
});
