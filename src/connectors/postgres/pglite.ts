export type { PgliteSessionShape, PgliteShape } from "./client-shapes.ts";
export { type OpenPglite, type OpenPgliteOptions, openPglite } from "./open-pglite.ts";
export { type PgliteTargetOptions, pglite } from "./pglite-target.ts";
export { type SqlAttachmentOptions, sqlAttachment } from "./sql-attachment.ts";
export type { TableOptions } from "./table-spec.ts";
