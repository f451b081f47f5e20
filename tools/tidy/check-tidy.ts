import { reportCheck } from "../project/finding.ts";
import { findUntidiness } from "./find-untidiness.ts";

reportCheck("tidy", findUntidiness(process.cwd()));
