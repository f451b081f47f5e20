import {
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeTemporaryTree } from "../../../test/support/temporary-tree.ts";
import { systemClock } from "../../kernel/clock.ts";
import { FileSystemClock } from "./file-system-clock.ts";
import { fileVersion } from "./file-version.ts";
import { KnownDirectories } from "./known-directories.ts";
import { type ReadBytes, type ReadRequest, readDescriptor, readFile } from "./read-file.ts";

/** A request for a file of the tree, by a clock for which every file has long been settled. */
function request(path: string, change: Partial<ReadRequest> = {}): ReadRequest {
  const inAnHour = { ...systemClock, now: () => Date.now() + 3_600_000 };
  const clock = new FileSystemClock(inAnHour, []);
  onTestFinished(() => clock.close());
  return {
    path,
    shown: "shown",
    changeDetection: "strict",
    clock,
    directories: new KnownDirectories(systemClock),
    accepts: () => true,
    text: true,
    ...change,
  };
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** Reads, doing something in the midst of each of the first attempts. */
function disturbed(
  times: number,
  disturb: (attempt: number) => void,
): { read: ReadBytes; attempts: () => number } {
  let attempts = 0;
  return {
    attempts: () => attempts,
    read(descriptor, size) {
      const bytes = readDescriptor(descriptor, size);
      if (++attempts <= times) disturb(attempts);
      return bytes;
    },
  };
}

describe("a file that stays as it is", () => {
  it("is read with the version that was observed", () => {
    const tree = makeTemporaryTree({ a: "content" });
    const stats = statSync(tree.at("a"), { bigint: true });
    const result = readFile(request(tree.at("a")));
    expect(text(result?.bytes)).toBe("content");
    expect(result?.version).toEqual(fileVersion(stats, "strict"));
    expect(readFile(request(tree.at("a"), { changeDetection: "sizeMtime" }))?.version).toHaveLength(16);
    expect(readFile(request(tree.at("a"), { changeDetection: "content" }))?.version).toBeNull();
  });

  it("is a plain Uint8Array of just its bytes", () => {
    const tree = makeTemporaryTree({ a: Uint8Array.of(0, 255) });
    const bytes = readFile(request(tree.at("a")))!.bytes;
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(2);
  });
});

describe("a file that changes while it is read", () => {
  it("is read again", () => {
    const tree = makeTemporaryTree({ a: "old" });
    const { read, attempts } = disturbed(1, () => writeFileSync(tree.at("a"), "new content"));
    const result = readFile(request(tree.at("a")), read);
    expect(text(result?.bytes)).toBe("new content");
    expect(result?.version).not.toBeNull();
    expect(attempts()).toBe(2);
  });

  it("is read again when another takes its place", () => {
    const tree = makeTemporaryTree({ a: "old", b: "new" });
    const { read } = disturbed(1, () => renameSync(tree.at("b"), tree.at("a")));
    expect(text(readFile(request(tree.at("a")), read)?.bytes)).toBe("new");
  });

  it("is read again when a link on its way turns elsewhere", () => {
    const tree = makeTemporaryTree({ "v1/a": "old", "v2/a": "new" });
    symlinkSync("v1", tree.at("current"));
    const { read } = disturbed(1, () => {
      symlinkSync("v2", tree.at("next"));
      renameSync(tree.at("next"), tree.at("current"));
    });
    expect(text(readFile(request(tree.at("current/a")), read)?.bytes)).toBe("new");
  });

  it("is read again when another was there for a moment", () => {
    const tree = makeTemporaryTree({ a: "right", b: "wrong" });
    utimesSync(tree.at("b"), 1, 1);
    let attempts = 0;
    const accepts = () => {
      if (++attempts > 1) return true;
      renameSync(tree.at("a"), tree.at("aside"));
      renameSync(tree.at("b"), tree.at("a"));
      return true;
    };
    const { read } = disturbed(1, () => renameSync(tree.at("aside"), tree.at("a")));
    const result = readFile(request(tree.at("a"), { accepts, changeDetection: "sizeMtime" }), read);
    expect(text(result?.bytes)).toBe("right");
  });

  it("has no version after three attempts", () => {
    const tree = makeTemporaryTree({ a: "0" });
    const { read, attempts } = disturbed(9, (attempt) =>
      writeFileSync(tree.at("a"), "x".repeat(attempt + 1)),
    );
    const result = readFile(request(tree.at("a")), read);
    expect(attempts()).toBe(3);
    expect(text(result?.bytes)).toBe("xxx");
    expect(result?.version).toBeNull();
  });

  it("is gone when it was deleted, and when a directory took its place", () => {
    const tree = makeTemporaryTree({ a: "a", b: "b" });
    const { read } = disturbed(1, () => unlinkSync(tree.at("a")));
    expect(readFile(request(tree.at("a")), read)).toBeNull();
    const replace = disturbed(1, () => {
      unlinkSync(tree.at("b"));
      mkdirSync(tree.at("b"));
    });
    expect(readFile(request(tree.at("b")), replace.read)).toBeNull();
  });

  it("sees a rewrite of the same size with the modification time put back", () => {
    const tree = makeTemporaryTree({ a: "old" });
    const { mtime } = statSync(tree.at("a"));
    const { read, attempts } = disturbed(1, () => {
      writeFileSync(tree.at("a"), "new");
      utimesSync(tree.at("a"), mtime, mtime);
    });
    expect(text(readFile(request(tree.at("a")), read)?.bytes)).toBe("new");
    expect(attempts()).toBe(2);
  });
});

describe("what cannot be read", () => {
  it("is null when it is missing, below a file, or a link in a circle", () => {
    const tree = makeTemporaryTree({ a: "a" });
    symlinkSync("loop", tree.at("loop"));
    for (const path of ["missing", "a/below", "loop"]) expect(readFile(request(tree.at(path)))).toBeNull();
  });

  it("is an error when it is larger than a string or a buffer can be, found out before reading", () => {
    const tree = makeTemporaryTree({ a: "" });
    const never: ReadBytes = () => {
      throw new Error("was read");
    };
    truncateSync(tree.at("a"), 600 * 2 ** 20);
    expect(() => readFile(request(tree.at("a")), never)).toThrow(
      expect.objectContaining({ code: "file-too-large", hint: expect.stringContaining("maxFileSize") }),
    );
    expect(() => readFile(request(tree.at("a"), { text: false }), never)).toThrow("was read");
    truncateSync(tree.at("a"), 2 ** 31);
    expect(() => readFile(request(tree.at("a"), { text: false }), never)).toThrow(
      expect.objectContaining({ code: "file-too-large" }),
    );
  });

  it.runIf(process.platform === "linux")("is an error where the size that is told is wrong", () => {
    expect(() => readFile(request("/proc/self/status"))).toThrow(
      expect.objectContaining({
        code: "source-read-failed",
        message: expect.stringContaining("0 bytes but it has more"),
      }),
    );
  });

  it("is an error with the system's reason", () => {
    expect(() => readFile(request(`/tmp/${"x".repeat(300)}`))).toThrow(
      expect.objectContaining({
        code: "source-read-failed",
        message: expect.stringContaining("ENAMETOOLONG"),
      }),
    );
  });
});
