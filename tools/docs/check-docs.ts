import { reportCheck } from "../project/finding.ts";
import { findDocFaults } from "./find-doc-faults.ts";

reportCheck("docs", findDocFaults(process.cwd()));
