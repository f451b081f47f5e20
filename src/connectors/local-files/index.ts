export type { ChangeDetection } from "./file-version.ts";
export { localFiles } from "./local-files.ts";
export type { LocalBinaryFilesOptions, LocalTextFilesOptions } from "./spec.ts";
export { localFilesTarget } from "./target/local-files-target.ts";
export type { LocalFilesTargetOptions } from "./target/target-spec.ts";
