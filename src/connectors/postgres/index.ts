export type { PgliteShape, PgPoolShape } from "./client-shapes.ts";
export type { ConnectionValue, PgPoolOptions, PostgresConnection } from "./connection.ts";
export { type PostgresTargetOptions, postgres } from "./postgres-target.ts";
export { type SqlAttachmentOptions, sqlAttachment } from "./sql-attachment.ts";
export type { TableOptions } from "./table-spec.ts";
