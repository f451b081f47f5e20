import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { referenceFile, renderErrorReference } from "./error-reference.ts";

mkdirSync(dirname(referenceFile), { recursive: true });
writeFileSync(referenceFile, renderErrorReference());
