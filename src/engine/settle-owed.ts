import type { SourceId, TargetId } from "../contracts/state-store.ts";
import type { ErrorPlace, SluiceError } from "../errors/index.ts";
import { toSluiceError } from "../errors/index.ts";
import { bytesToHex, bytesToMapKey } from "../kernel/bytes.ts";
import { formatKey } from "../values/index.ts";
import { isSettled, without } from "./claims.ts";
