import { expect, test } from "vitest";
import { renderNotice } from "./render-notice.ts";
import { plainStyle, styleFor } from "./style.ts";

const notice = {
  about: "function splitRecursively",
  message:
    "no grammar for python is installed, so it is split by rules: npm install @vscode/tree-sitter-wasm web-tree-sitter",
};

test("a notice is wrapped at the terminal's width, and stands below its label", () => {
  expect(renderNotice(notice, plainStyle, 80)).toEqual([
    "note: function splitRecursively: no grammar for python is installed, so it is",
    "      split by rules: npm install @vscode/tree-sitter-wasm web-tree-sitter",
  ]);
});

test("in a log it is one line, whatever it holds", () => {
  const message = "first\nsecond \u001b[31mred";
  expect(renderNotice({ about: "function a", message }, plainStyle, null)).toEqual([
    "note: function a: first second \\x1b[31mred",
  ]);
});

test("only the label has a colour", () => {
  const [first] = renderNotice({ about: "function a", message: "x" }, styleFor({ isTTY: true }, {}), 80);
  expect(first).toBe("\u001b[33mnote:\u001b[39m function a: x");
});
