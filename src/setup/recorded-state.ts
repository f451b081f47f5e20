import type { Json } from "../contracts/target.ts";

/** What is recorded of a backend's state: the connector's own, and what else makes its rows be written again. */
export interface RecordedState {
  readonly state: Json;
  /** Of the connector. */
  readonly version: Json;
  /** Name and type of each primary key field, in their order. */
  readonly key: Json;
  /** Fingerprint of the fields of rows. */
  readonly schema: Json;
}

/** Takes apart a state as the plan makes it. */
export function unwrapState(recorded: Json): RecordedState {
  const fields = recorded as Readonly<Record<string, Json>>;
  const { state = null, version = null, key = null, schema = null } = fields;
  return { state, version, key, schema };
}

/** The connector's own state; null where the backend is absent. */
export function connectorState(recorded: Json): Json {
  return recorded === null ? null : unwrapState(recorded).state;
}
