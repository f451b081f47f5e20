import { z } from "zod";
import { defineTarget, type SetupVerdict, type TargetSchema } from "../../src/index.ts";
import { canonicalJson } from "../../src/kernel/canonical-json.ts";

/** What a table of the database is made of; the setup state of its target. */
export interface TableState {
  readonly engine: string;
  readonly comment: string;
  /** Types by name, of key and value columns. */
  readonly keys: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, string>>;
  readonly indexes: readonly string[];
  readonly attachments: readonly unknown[];
}

interface TableRow {
  readonly key: unknown;
  readonly value: unknown;
}

interface Table {
  state: TableState;
  /** By the canonical text of the key. */
  readonly rows: Map<string, TableRow>;
}

export interface DatabaseOptions {
  readonly kind?: string;
  readonly version?: number;
  /** Whether the target has `inspect`, and `readBack`. */
  readonly inspects?: boolean;
  readonly readsBack?: boolean;
}

/**
 * An outside system in memory that is as strict as a database: what is not there cannot be altered, rows must fit
 * their table, and a column that takes another type loses its values.
 */
export class Database {
  readonly tables = new Map<string, Table>();
  /** The calls of `applySetupChange`, as `table: previous -> current`. */
  readonly changes: string[] = [];
  upserts: string[] = [];
  deletes: string[] = [];
  /** Called before each call of a connector that has effects, and after them; throw to fail it. */
  at: (moment: string) => void = () => {};
  /** Called when a `mutate` was applied. */
  observe: () => void = () => {};

  target(options: DatabaseOptions = {}) {
    const { kind = "database", version, inspects = false, readsBack = false } = options;
    const database = this;
    const use = defineTarget({
      kind,
      spec: z.object({
        table: z.string().optional(),
        engine: z.string().default("rows"),
        comment: z.string().default(""),
      }),
      ...(version === undefined ? {} : { version }),
      getPersistentKey: ({ table }, targetName) => table ?? targetName,
      describe: (key) => `table ${key}`,
      setupState: ({ spec, schema, indexes, attachments }): TableState => ({
        engine: spec.engine,
        comment: spec.comment,
        keys: typesOf(schema.keyFields),
        columns: typesOf(schema.valueFields),
        indexes: indexes.fts.map(({ field }) => field),
        attachments,
      }),
      compare: compareStates,
      applySetupChange: ({ key, previous, current }) =>
        database.#change(String(key), previous as TableState | null, current as TableState | null),
      inspect: (key) => database.tables.get(String(key))?.state ?? null,
      prepare: ({ table }, { targetName }) => table ?? targetName,
      mutate(batches) {
        database.at("mutate");
        for (const { target, mutations } of batches) database.#mutate(target, mutations);
        database.observe();
        database.at("mutated");
      },
      readBack: (table) => database.#pages(table),
    });
    const whole = use({}).definition;
    const definition = {
      ...whole,
      inspect: inspects ? whole.inspect : null,
      readBack: readsBack ? whole.readBack : null,
    };
    return (spec: Parameters<typeof use>[0]) => ({ ...use(spec), definition });
  }

  /** The rows of a table as `key = value`, sorted; empty where there is no such table. */
  rows(table: string): string[] {
    const rows = this.tables.get(table)?.rows ?? new Map<string, TableRow>();
    return [...rows.values()].map(({ key, value }) => `${text(key)} = ${text(value)}`).sort();
  }

  /** Everything that it holds, for comparison. */
  contents(): unknown {
    const tables = [...this.tables].sort(([a], [b]) => (a < b ? -1 : 1));
    return tables.map(([name, { state, rows }]) => ({
      name,
      state,
      rows: [...rows.values()].map((row) => canonicalJson(row as never)).sort(),
    }));
  }

  /** Writes a row behind Sluice's back. */
  put(table: string, key: unknown, value: unknown): void {
    this.tables.get(table)!.rows.set(canonicalJson(key as never), { key, value });
  }

  /** Is from now on what it was before. */
  reset(tables: ReadonlyMap<string, Table>): void {
    this.tables.clear();
    for (const [name, table] of tables) this.tables.set(name, table);
  }

  forgetCounts(): void {
    this.changes.length = 0;
    this.upserts = [];
    this.deletes = [];
  }

  #change(name: string, previous: TableState | null, current: TableState | null): void {
    this.changes.push(`${name}: ${previous?.engine ?? null} -> ${current?.engine ?? null}`);
    this.at("change");
    const table = this.tables.get(name);
    if (current === null) this.tables.delete(name);
    else if (table) alter(table, current);
    else if (previous === null) this.tables.set(name, { state: current, rows: new Map() });
    else throw new Error(`there is no table ${name} to alter`);
    this.at("changed");
  }

  #mutate(
    name: string,
    mutations: readonly { readonly key: unknown; readonly value: unknown | null }[],
  ): void {
    const table = this.tables.get(name);
    if (!table) throw new Error(`there is no table ${name}`);
    for (const { key, value } of mutations) {
      checkFields(name, key, table.state.keys);
      if (value === null) {
        table.rows.delete(canonicalJson(key as never));
        this.deletes.push(text(key));
      } else {
        checkFields(name, value, table.state.columns);
        table.rows.set(canonicalJson(key as never), { key, value });
        this.upserts.push(text(key));
      }
    }
  }

  *#pages(name: string): Generator<TableRow[]> {
    const table = this.tables.get(name);
    if (!table) throw new Error(`there is no table ${name}`);
    for (const row of table.rows.values()) yield [row];
  }
}

function typesOf(fields: TargetSchema["keyFields"]): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, type }) => [name, type.kind]));
}

function compareStates(previous: TableState, wanted: TableState): SetupVerdict {
  if (previous.engine !== wanted.engine) return "destructive";
  const retyped = Object.entries(wanted.columns).some(
    ([name, type]) => (previous.columns[name] ?? type) !== type,
  );
  if (retyped) return "lossy";
  return canonicalJson(previous as never) === canonicalJson(wanted as never) ? "unchanged" : "compatible";
}

/** Columns that are new have no value yet; those that take another type lose theirs. */
function alter(table: Table, state: TableState): void {
  const before = table.state.columns;
  table.state = state;
  for (const [at, { key, value }] of table.rows) {
    const former = value as Readonly<Record<string, unknown>>;
    const values = Object.entries(state.columns).map(([name, type]) => [
      name,
      before[name] === type ? former[name] : null,
    ]);
    table.rows.set(at, { key, value: Object.fromEntries(values) });
  }
}

function checkFields(table: string, struct: unknown, types: Readonly<Record<string, string>>): void {
  const given = Object.keys(struct as object).sort();
  const wanted = Object.keys(types).sort();
  if (given.join() !== wanted.join()) {
    throw new Error(`table ${table} has the columns ${wanted.join(", ")}, not ${given.join(", ")}`);
  }
}

function text(value: unknown): string {
  return Object.values(value as object).join("/");
}
