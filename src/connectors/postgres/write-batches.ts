import type { MutationBatch } from "../../contracts/target.ts";
import { type Cell, toCellText } from "./cell-text.ts";
import { copyRows } from "./copy-rows.ts";
import type { Database, Session } from "./database.ts";
import { columnsOf, type PreparedTable } from "./prepared-table.ts";
import { deleteRows, type TextRow, upsertRows, type WrittenTable } from "./write-rows.ts";

type Struct = Readonly<Record<string, unknown>>;
type Batch = MutationBatch<PreparedTable, unknown, unknown>;

/** The rows of a batch in text. */
interface TextBatch {
  readonly table: WrittenTable;
  readonly upserts: readonly TextRow[];
  readonly deletions: readonly TextRow[];
}

/**
 * Writes every batch, or none: those of one database in one transaction, and those of several in transactions that are
 * committed after all of them have succeeded.
 */
export async function writeBatches(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
  const byDatabase = new Map<unknown, { readonly database: Database; readonly texts: TextBatch[] }>();
  for (const batch of batches) {
    const { database } = batch.target;
    const group = byDatabase.get(database.client) ?? { database, texts: [] };
    byDatabase.set(database.client, group);
    group.texts.push(await textBatch(batch));
  }
  await writeGroups([...byDatabase.values()], signal);
}

async function writeGroups(
  groups: readonly { readonly database: Database; readonly texts: readonly TextBatch[] }[],
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = groups;
  if (first === undefined) return;
  await first.database.transaction(async (session) => {
    for (const text of first.texts) await writeBatch(session, first.database, text);
    await writeGroups(others, signal);
  }, signal);
}

/** Deletions go first: a unique index of the user's may have a row of another key wait for the place. */
async function writeBatch(session: Session, database: Database, text: TextBatch): Promise<void> {
  const { table, upserts, deletions } = text;
  await deleteRows(session, table, deletions);
  if (!(await copyRows(session, database, { table, rows: upserts })))
    await upsertRows(session, table, upserts);
}

async function textBatch({ target, mutations }: Batch): Promise<TextBatch> {
  const columns = await columnsOf(target);
  const keyColumns = columns.filter(({ isKey }) => isKey);
  const valueColumns = columns.filter(({ isKey }) => !isKey);
  const textsOf = (cells: readonly Cell[], struct: unknown) =>
    cells.map((cell) => toCellText(cell, (struct as Struct)[cell.name]));
  // One statement may write a row once only: of several mutations of a key the last one counts.
  const last = new Map<string, { readonly key: TextRow; readonly value: TextRow | null }>();
  for (const { key, value } of mutations) {
    const keyRow = textsOf(keyColumns, key);
    last.set(JSON.stringify(keyRow), {
      key: keyRow,
      value: value === null ? null : textsOf(valueColumns, value),
    });
  }
  const upserts: TextRow[] = [];
  const deletions: TextRow[] = [];
  for (const { key, value } of last.values()) {
    if (value === null) deletions.push(key);
    else upserts.push([...key, ...value]);
  }
  return { table: { name: target.name, columns }, upserts, deletions };
}
