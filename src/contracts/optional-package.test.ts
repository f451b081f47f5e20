import { expect, test } from "vitest";
import { optionalPackage } from "./optional-package.ts";

const lacks = (name: string) =>
  Promise.reject(Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" }));

test("a package that is not there is told with the command that installs it, in the version that fits", async () => {
  await expect(optionalPackage("arrow", () => lacks("arrow"))).rejects.toMatchObject({
    code: "package-missing",
    hint: "Install it with: npm install arrow",
  });
  await expect(optionalPackage("arrow", () => lacks("arrow"), "arrow@18.1.0")).rejects.toMatchObject({
    code: "package-missing",
    hint: "Install it with: npm install arrow@18.1.0",
  });
});

test("one that lacks another is not said to be missing itself, and the other is where it is known", async () => {
  const inner = () => optionalPackage("arrow", () => lacks("arrow"));
  await expect(optionalPackage("lance", inner)).rejects.toMatchObject({
    code: "package-missing",
    message: "the package arrow is not installed",
  });
  await expect(optionalPackage("lance", () => lacks("other"))).rejects.toThrow("Cannot find module 'other'");
});
