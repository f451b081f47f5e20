import { reportCheck } from "../project/finding.ts";
import { findViolations } from "./find-violations.ts";

reportCheck("layers", findViolations(process.cwd()));
