import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { defineSource } from "../contracts/define-source.ts";
import type { SourceUse } from "../contracts/source.ts";
import { schemaOf } from "../values/index.ts";
import type { KitRow, RowSchema } from "./row-schema.ts";

/** The fields of a row, of which the compiler cannot know: one stands for all of them. */
export interface AnyFields {
  readonly anyField: string;
}

/** A source in memory whose rows are target rows: what a kit's flows read. */
export class KitSource {
  readonly #rows = new Map<number, { row: KitRow; version: number }>();
  #writes = 0;

  /** The rows that a target should hold. */
  rows(): readonly KitRow[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  get numbers(): readonly number[] {
    return [...this.#rows.keys()];
  }

  /** Writes row `number`, whatever it was before. */
  write(number: number, row: KitRow): void {
    this.#rows.set(number, { row, version: ++this.#writes });
  }

  writeAll(rows: readonly KitRow[]): void {
    for (const [number, row] of rows.entries()) this.write(number, row);
  }

  /** Gives a row that is there the form of a changed schema; it is a new version only where its fields are others. */
  adapt(number: number, row: KitRow): void {
    const known = this.#rows.get(number)!;
    const isSame = isDeepStrictEqual(known.row, row);
    this.#rows.set(number, { row, version: isSame ? known.version : ++this.#writes });
  }

  remove(number: number): void {
    this.#rows.delete(number);
  }

  /** What a flow adds. A row's fields are all in `entry`, so that no name of theirs meets one of the source. */
  use(schema: RowSchema): SourceUse<{ number: number; entry: AnyFields }> {
    const rows = this.#rows;
    const source = defineSource({
      kind: "sluiceKitRows",
      spec: z.object({}),
      key: z.object({ number: z.int() }),
      // The types alone: what the schemas refuse beyond that is for the target to refuse.
      value: z.object({ entry: schemaOf<AnyFields, unknown>(schema.entryType) }),
      *list() {
        yield [...rows].map(([number, { version }]) => ({
          key: { number },
          contentVersion: String(version),
        }));
      },
      getValue(_connection, { number }) {
        const found = rows.get(number);
        if (!found) return null;
        const entry = { ...found.row.key, ...found.row.value };
        return { value: { entry }, contentVersion: String(found.version) };
      },
    });
    return source({});
  }
}
