import { type BigIntStats, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fileVersion } from "./file-version.ts";

const stats = statSync(fileURLToPath(import.meta.url), { bigint: true });
const withOther = (field: keyof BigIntStats): BigIntStats =>
  Object.assign(Object.create(stats), { [field]: 7n });

describe("the version of a file", () => {
  it.each(["size", "mtimeNs", "ctimeNs", "ino"] as const)("depends on %s when strict", (field) => {
    expect(fileVersion(withOther(field), "strict")).not.toEqual(fileVersion(stats, "strict"));
  });

  it("depends on nothing else", () => {
    for (const field of ["dev", "mode", "nlink", "uid", "atimeNs"] as const)
      expect(fileVersion(withOther(field), "strict")).toEqual(fileVersion(stats, "strict"));
    for (const field of ["ctimeNs", "ino"] as const)
      expect(fileVersion(withOther(field), "sizeMtime")).toEqual(fileVersion(stats, "sizeMtime"));
  });

  it("tells apart what differs by a nanosecond", () => {
    const later = Object.assign(Object.create(stats), { mtimeNs: stats.mtimeNs + 1n });
    expect(fileVersion(later, "sizeMtime")).not.toEqual(fileVersion(stats, "sizeMtime"));
  });

  it("does not change with the next one", () => {
    const version = fileVersion(stats, "strict");
    const copy = version.slice();
    fileVersion(withOther("size"), "strict");
    expect(version).toEqual(copy);
  });
});
