import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { Screen } from "../../test/support/screen.ts";
import { LiveBlock } from "./live-block.ts";

/** A terminal with a block whose lines a test sets. */
function openBlock(columns = 40) {
  vi.useFakeTimers();
  const screen = new Screen(columns);
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 24 });
  let written = 0;
  stream.on("data", (chunk: Buffer) => {
    written += chunk.length;
    screen.write(chunk.toString());
  });
  let lines: readonly string[] = [];
  const sizes: (readonly [number, number])[] = [];
  const terminal = stream as PassThrough as NodeJS.WriteStream & PassThrough;
  const block = new LiveBlock(terminal, (width, height) => {
    sizes.push([width, height]);
    return lines;
  });
  onTestFinished(() => {
    block.close();
    vi.useRealTimers();
  });
  return {
    screen,
    stream,
    block,
    sizes,
    written: () => written,
    show: (...next: string[]) => {
      lines = next;
    },
    /** Whether the screen has these lines once the block has had its time. */
    stands: async (...expected: string[]) => {
      await vi.advanceTimersByTimeAsync(100);
      expect(screen.lines()).toEqual(expected);
    },
    resize: (width: number) => {
      stream.columns = width;
      screen.resize(width);
    },
  };
}

test("the block is drawn over itself, longer or shorter, and nothing is left of it", async () => {
  const { show, stands, block, screen } = openBlock();
  show("Docs  1 s", "  documents  12 done");
  await stands("Docs  1 s", "  documents  12 done");
  show("Docs  2 s", "  documents", "  one more");
  await stands("Docs  2 s", "  documents", "  one more");
  show("Docs");
  await stands("Docs");
  expect(screen.cursorShown).toBe(false);
  block.close();
  await stands();
  expect(screen.cursorShown).toBe(true);
});

test("nothing is written while nothing changes", async () => {
  const { show, stands, written, sizes } = openBlock();
  show("Docs", "  documents");
  await stands("Docs", "  documents");
  const before = written();
  const asked = sizes.length;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sizes.length).toBe(asked + 10);
  expect(written()).toBe(before);
});

test("what others print stands above it, whole lines and halves", async () => {
  const { show, stands, stream } = openBlock();
  show("Docs", "  documents");
  await stands("Docs", "  documents");
  stream.write("hello\n");
  await stands("hello", "Docs", "  documents");
  stream.write("wor");
  await stands("hello", "wor");
  await stands("hello", "wor");
  stream.write("ld\n");
  await stands("hello", "world", "Docs", "  documents");
});

test("the block is back at once after a line, and waits while there is one after the other", async () => {
  const { show, stands, stream, screen } = openBlock();
  show("Docs");
  await stands("Docs");
  await vi.advanceTimersByTimeAsync(250);
  stream.write("hello\n");
  await vi.advanceTimersByTimeAsync(0);
  expect(screen.lines()).toEqual(["hello", "Docs"]);
  stream.write("again\n");
  await vi.advanceTimersByTimeAsync(0);
  expect(screen.lines()).toEqual(["hello", "again"]);
  await stands("hello", "again", "Docs");
});

test("a terminal that was made narrower, or wider, keeps nothing of the lines before", async () => {
  const { show, stands, stream, resize, sizes } = openBlock(40);
  stream.write("hello\n");
  show("Docs", "a line of twenty-six columns", "short");
  await stands("hello", "Docs", "a line of twenty-six columns", "short");
  resize(20);
  show("Docs", "cut to twenty", "short");
  await stands("hello", "Docs", "cut to twenty", "short");
  expect(sizes.at(-1)).toEqual([20, 24]);
  resize(60);
  show("Docs", "as wide as anybody would want it to be");
  await stands("hello", "Docs", "as wide as anybody would want it to be");
});
