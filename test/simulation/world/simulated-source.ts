import { z } from "zod";
import {
  type ChangeEvent,
  defineSource,
  SluiceError,
  type SourceEntry,
  type SourceUse,
  type WatchOptions,
} from "../../../src/index.ts";
import type { BookShape, Fault } from "../case.ts";
import type { SourceShape } from "../flow-shape.ts";
import {
  type BookRow,
  inOrder,
  keyOf,
  keyText,
  type RowValue,
  rowValue,
  sourceKey,
  versionsOf,
} from "./books.ts";
import { type Ports, slowMs } from "./ports.ts";

/** What rows hold. */
export const valueSchema = z.object({
  name: z.string(),
  text: z.string(),
  note: z.string().nullable(),
  share: z.string(),
  edition: z.string(),
  parts: z.array(z.object({ word: z.string(), marks: z.array(z.object({ mark: z.string() })) })),
});

const keys = {
  text: z.object({ id: z.string() }),
  number: z.int(),
  pair: z.object({ id: z.string(), n: z.int() }),
} as const;

const spec = z.object({ edition: z.int(), shelfmark: z.int() });

/** The schemas of a book's rows: the model makes ids from the same keys. */
export function keySchemaOf({ keys: kind }: BookShape): (typeof keys)[keyof typeof keys] {
  return keys[kind];
}

/** How a source tells of changes. */
export interface Following {
  readonly refreshMs: number | null;
  readonly heartbeatMs: number;
  /** Null where it is not watched. */
  readonly watch:
    | ((options: WatchOptions) => AsyncIterable<readonly ChangeEvent<unknown, RowValue>[]>)
    | null;
  /** Told of what is opened and closed, and of the signal that a listing is given. */
  opened(): void;
  closed(): void;
  listing(signal: AbortSignal): void;
}

interface SourceWorld {
  readonly rows: ReadonlyMap<string, BookRow>;
  /** The rows as the next step will have them. */
  readonly ahead: ReadonlyMap<string, BookRow>;
  readonly ports: Ports;
  readonly followed: Following | null;
}

type Entry = SourceEntry<unknown, RowValue>;

/** A source that lists the rows of a book. */
export function simulatedSource(
  { name, book, edition, shelfmark }: SourceShape,
  shape: BookShape,
  world: SourceWorld,
): SourceUse<unknown> {
  const { rows, ahead, ports, followed } = world;
  const source = defineSource({
    kind: `book-${book}`,
    spec,
    key: keys[shape.keys] as z.ZodType<unknown> as never,
    value: valueSchema,
    ordered: shape.ordered,
    providesOrdinal: shape.versions === "ordinal" || shape.versions === "both",
    valueSpec: (given) => given.edition,
    create: () => ports.pass("open", () => followed?.opened() ?? null),
    async *list(_connection, { incomplete, signal }) {
      followed?.listing(signal);
      const all = shape.ordered ? inOrder(rows.values()) : [...rows.values()];
      const entries = all.map((row) => entryOf(shape, row, edition));
      const { fault, delayMs } = ports.arrive("list");
      await ports.wait(fault?.how === "slow" ? slowMs : delayMs);
      if (fault?.how === "stops") ports.stop();
      const upTo = fault === null ? entries.length : listedBefore(fault, entries.length);
      for (let at = 0; at < upTo; at += shape.page) {
        if (at > 0) await ports.wait(delayMs);
        const page = entries.slice(at, Math.min(at + shape.page, upTo));
        yield (shape.repeats ? page.slice(0, 1).concat(page) : page) as readonly Entry[] as never;
      }
      if (fault !== null) endListing(fault, ports, incomplete);
      if (upTo === entries.length && fault?.how !== "incomplete") ports.work.listed.add(name);
    },
    close: () => followed?.closed(),
    ...(followed?.watch
      ? {
          watch: (_connection, options) => followed.watch!(options) as never,
          watchHeartbeat: followed.heartbeatMs,
        }
      : {}),
    getValue(_connection, given) {
      const key = keyText(keyOf(shape, given));
      return ports.pass("get", (_part, how) => {
        ports.work.reads.push(`${name} ${key}`);
        const found = (how === "ahead" ? ahead : rows).get(key);
        return found ? { value: rowValue(found, edition), ...versionsOf(shape, found.row) } : null;
      });
    },
  });
  return source({ edition, shelfmark });
}

function entryOf(shape: BookShape, row: BookRow, edition: number): Entry {
  return {
    key: sourceKey(shape, row.key),
    ...versionsOf(shape, row.row),
    ...(shape.inline ? { value: rowValue(row, edition) } : {}),
  };
}

function listedBefore({ how, part }: Fault, all: number): number {
  if (how === "fails" || how === "busy" || how === "ends") return 0;
  return how === "stops" || how === "slow" ? all : (part ?? all);
}

function endListing(fault: Fault, ports: Ports, incomplete: (reason: unknown) => void): void {
  if (fault.how === "stops" || fault.how === "slow") return;
  if (fault.how === "incomplete") {
    incomplete(new SluiceError("listing-incomplete", "a shelf was locked"));
    return;
  }
  if (fault.how === "ends" || fault.how === "ends-after") ports.end();
  throw new Error("the listing broke off");
}
