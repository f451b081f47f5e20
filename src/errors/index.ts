export { type ErrorCode, errorCodes } from "./codes.ts";
export {
  type ErrorPlace,
  formatPlace,
  InternalError,
  isSluiceError,
  messageOf,
  SluiceError,
  type SluiceErrorOptions,
  toSluiceError,
} from "./sluice-error.ts";
