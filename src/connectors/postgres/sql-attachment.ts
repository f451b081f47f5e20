import { z } from "zod";
import type { Json } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";

/** SQL that belongs to a table. */
export interface SqlAttachmentOptions {
  /** Identifies it among the attachments of its export. */
  readonly name: string;
  /** Runs once the table is there, in the transaction that makes it: one statement or several. */
  readonly setup: string;
  /** Takes away what `setup` made; runs before the table goes, and before a changed `setup` runs. */
  readonly teardown?: string | undefined;
}

const attachment = z.strictObject({
  kind: z.literal("sql"),
  name: z.string().min(1),
  setup: z.string().min(1),
  teardown: z.string().nullable(),
});

/**
 * SQL for the `attachments` of an export to Postgres or PGlite: views, triggers, grants, indexes of your own.
 *
 * @example
 * collector.export("Docs", postgres({ connection: env("DATABASE_URL"), table: "docs" }), {
 *   primaryKeyFields: ["id"],
 *   attachments: [
 *     sqlAttachment({
 *       name: "recent",
 *       setup: `CREATE VIEW recent AS SELECT * FROM docs WHERE changed > now() - interval '1 day'`,
 *       teardown: "DROP VIEW IF EXISTS recent",
 *     }),
 *   ],
 * });
 */
export function sqlAttachment({ name, setup, teardown }: SqlAttachmentOptions): Json {
  return attachment.parse({ kind: "sql", name, setup, teardown: teardown ?? null });
}

/** @throws SluiceError `export-invalid` for what `sqlAttachment` did not make, and for two of one name */
export function parseAttachments(given: readonly Json[]) {
  const names = new Set<string>();
  return given.map((json) => {
    const parsed = attachment.safeParse(json);
    if (!parsed.success) throw invalid("an attachment of a table is not what sqlAttachment yields");
    const { name, setup, teardown } = parsed.data;
    if (names.has(name)) throw invalid(`two attachments are called ${name}`);
    names.add(name);
    return { name, setup, teardown };
  });
}

function invalid(message: string): SluiceError {
  return new SluiceError("export-invalid", message, {
    hint: "Write attachments: [sqlAttachment({ name, setup, teardown })], each with a name of its own.",
  });
}
