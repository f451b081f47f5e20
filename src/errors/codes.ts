/**
 * Every error that Sluice reports, by code: what it means and the exit code that the command line gives it.
 * A code is added here, documented from here, and provoked by a test.
 */
export const errorCodes = {
  // The command line and its files.
  usage: { exitCode: 2, summary: "The command line was not understood." },
  "settings-invalid": {
    exitCode: 2,
    summary: "A setting from code, environment or .env has a value that it cannot have.",
  },
  "file-not-found": { exitCode: 2, summary: "The flow file does not exist." },
  "file-invalid": {
    exitCode: 2,
    summary: "The flow file could not be loaded: a syntax error, or an error thrown while it ran.",
  },
  "flow-missing": { exitCode: 2, summary: "The file defines no flow, or none of that name." },
  "flow-duplicate": { exitCode: 2, summary: "Two flows of one name in one process." },
  "row-missing": {
    exitCode: 2,
    summary: "Nothing is on record of the row, source or target that was asked about.",
  },
  "query-handler-missing": {
    exitCode: 2,
    summary: "The flow has no query handler of that name, or none at all.",
  },
  "flow-closed": { exitCode: 2, summary: "The flow object was used after close()." },

  // Definitions: flows, functions, connectors, schemas.
  "name-invalid": {
    exitCode: 2,
    summary: "A name is empty, too long or has characters that names cannot have.",
  },
  "name-duplicate": {
    exitCode: 2,
    summary: "Two sources, exports, derived fields or functions of one flow share a name.",
  },
  "schema-unsupported": { exitCode: 2, summary: "A schema describes values that have no Sluice type." },
  "spec-invalid": {
    exitCode: 2,
    summary: "The configuration given to a source, function or target does not fit its schema.",
  },
  "field-unknown": { exitCode: 2, summary: "A field was named that the value does not have." },
  "argument-invalid": {
    exitCode: 2,
    summary: "A function was given an argument of another type, too many, or one that it does not have.",
  },
  "collect-invalid": {
    exitCode: 2,
    summary: "An entry does not fit its collector: a field is missing or has another type.",
  },
  "key-invalid": {
    exitCode: 2,
    summary:
      "A key schema or primary key cannot serve as one: no such field, nullable, or of a type without order.",
  },
  "export-invalid": {
    exitCode: 2,
    summary: "An export does not fit its target, its collector or its options.",
  },
  "scope-invalid": {
    exitCode: 2,
    summary:
      "A slice was used outside the scope that it belongs to, or the flow was changed after its definition.",
  },
  "package-missing": {
    exitCode: 2,
    summary: "A package that is only needed for what the flow uses is not installed.",
  },
  "secret-missing": { exitCode: 2, summary: "The environment variable that a secret is kept in is not set." },
  "connection-missing": {
    exitCode: 3,
    summary: "A connection is known by its name alone: this process does not say how to make it.",
  },
  "option-invalid": { exitCode: 2, summary: "An option of a definition has a value that it cannot have." },
  "function-source-missing": {
    exitCode: 2,
    summary:
      "The source code of a function cannot be followed, so its changes cannot be seen: it needs a version.",
  },

  // Values.
  "value-invalid": { exitCode: 1, summary: "A value does not fit its type." },

  // Rows.
  "function-failed": { exitCode: 1, summary: "A function threw for a row." },
  "function-timeout": { exitCode: 1, summary: "A function took longer for a row than its timeout allows." },
  "function-output-invalid": {
    exitCode: 1,
    summary: "A function returned a value that does not fit its output schema.",
  },
  "model-failed": {
    exitCode: 1,
    summary: "A model could not be reached, or its server refused the call or failed.",
  },
  "model-answer-invalid": {
    exitCode: 1,
    summary: "A model answered something else than it was asked for, such as vectors of another dimension.",
  },
  "extraction-invalid": {
    exitCode: 1,
    summary: "A model gave no answer that fits the schema, though it was asked several times.",
  },
  "content-invalid": { exitCode: 1, summary: "Text or bytes are not of the format that a function reads." },
  "source-read-failed": { exitCode: 1, summary: "A row of a source could not be read." },
  "watch-failed": {
    exitCode: 1,
    summary: "The watcher of a source ended or failed; it is started again, and the source is listed.",
  },
  "watch-silent": {
    exitCode: 1,
    summary: "The watcher of a source gave no sign of life for longer than it may; it is started again.",
  },
  "watch-degraded": {
    exitCode: 1,
    summary: "Not every change of a source is noticed for now; it is listed now and then.",
  },
  "source-value-invalid": {
    exitCode: 1,
    summary: "A source yielded a key or value that does not fit its schema.",
  },
  "text-undecodable": { exitCode: 1, summary: "A file is not text in the expected encoding." },
  "file-too-large": { exitCode: 1, summary: "A file is larger than can be read." },
  "target-key-duplicate": {
    exitCode: 1,
    summary: "Two entries, of one row or of several, have the same target key and the export forbids it.",
  },
  "mutate-failed": { exitCode: 1, summary: "A target refused the writes of a row." },
  "mutate-timeout": { exitCode: 1, summary: "A target did not answer within the time limit." },
  "target-unavailable": {
    exitCode: 1,
    summary: "A target cannot be reached; its rows wait for the next update.",
  },
  "target-prepare-failed": { exitCode: 1, summary: "A target could not be prepared for writing." },

  "read-back-failed": {
    exitCode: 1,
    summary: "A target could not be read back to be verified; nothing is said of its rows.",
  },

  // Queries.
  "query-failed": { exitCode: 1, summary: "A query handler threw, or returned what is no answer." },

  // Listings.
  "listing-failed": { exitCode: 1, summary: "A source could not be listed; nothing was deleted." },
  "listing-incomplete": {
    exitCode: 1,
    summary: "Part of a source could not be listed; the rest was processed and nothing was deleted.",
  },

  "deletions-held": {
    exitCode: 4,
    summary: "A source suddenly lists far fewer rows; nothing of it was deleted, until that is approved.",
  },

  // Setup.
  "setup-needed": { exitCode: 3, summary: "The flow's backends are not in the state that the flow needs." },
  "setup-refused": { exitCode: 3, summary: "The setup was not confirmed." },
  "setup-conflict": { exitCode: 3, summary: "A backend resource belongs to another export or flow." },
  "setup-failed": {
    exitCode: 3,
    summary: "A connector failed to bring a backend to its state; the next setup continues.",
  },
  "connector-missing": {
    exitCode: 3,
    summary: "A recorded backend cannot be changed because its connector is not defined any more.",
  },

  // Other processes, the store, ourselves.
  "flow-held": { exitCode: 5, summary: "Another process is working on the flow." },
  "store-missing": { exitCode: 6, summary: "There is no store to read in the directory." },
  "store-unwritable": { exitCode: 6, summary: "The store cannot be created or opened for writing." },
  "store-full": { exitCode: 6, summary: "There is no space left for the store." },
  "store-damaged": {
    exitCode: 6,
    summary: "The store's file or a record in it is damaged; nothing was deleted.",
  },
  "store-version": { exitCode: 6, summary: "The store was written by another version of its format." },
  "store-fenced": {
    exitCode: 6,
    summary: "The store refused a write because another process holds the flow now.",
  },
  "store-closed": { exitCode: 6, summary: "The store was used after it was closed." },
  internal: { exitCode: 6, summary: "A bug of Sluice itself." },
  interrupted: { exitCode: 130, summary: "The work was stopped on request." },
} as const satisfies Record<string, { exitCode: number; summary: string }>;

/** What an error is recognised by. */
export type ErrorCode = keyof typeof errorCodes;
