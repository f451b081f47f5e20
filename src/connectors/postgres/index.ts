export type { PgliteShape, PgPoolShape } from "./client-shapes.ts";
export type { ConnectionValue, PgPoolOptions, PostgresConnection } from "./connection.ts";
export {
  type FilterValue,
  type PostgresTableOptions,
  postgresTable,
  type TableFilter,
} from "./table-source/postgres-table.ts";
