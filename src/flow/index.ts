export type * from "./flow-definition.ts";
