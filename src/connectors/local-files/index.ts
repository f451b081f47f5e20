export type { ChangeDetection } from "./file-version.ts";
export { localFiles } from "./local-files.ts";
export type { LocalBinaryFilesOptions, LocalTextFilesOptions } from "./spec.ts";
