/** The state of a backend, as setup knows it. */
export interface BackendState {
  readonly edition: number;
  readonly format: number;
  readonly label: number;
  /** Names and types of the fields, where the kind of target knows its columns. */
  readonly fields?: readonly string[];
}

export interface Backend {
  readonly state: BackendState;
  /** What each row holds, by the text of its key; as JSON with sorted names. */
  readonly rows: Map<string, string>;
}

/** One change of a world's backends. */
export type BackendChange =
  | { readonly backend: string; readonly state: BackendState | null }
  | { readonly backend: string; readonly key: string; readonly row: string | null };

/** What targets hold. It outlives processes, and each change is told to whoever keeps it for longer. */
export class Backends {
  readonly all = new Map<string, Backend>();
  readonly #keep: (change: BackendChange) => void;

  constructor(keep: (change: BackendChange) => void = () => {}) {
    this.#keep = keep;
  }

  /** Makes a change, or makes it again: each can be repeated. */
  apply(change: BackendChange): void {
    this.#keep(change);
    const { backend } = change;
    const known = this.all.get(backend);
    if ("state" in change) {
      if (change.state === null) this.all.delete(backend);
      else this.all.set(backend, { state: change.state, rows: known?.rows ?? new Map() });
    } else if (known) {
      if (change.row === null) known.rows.delete(change.key);
      else known.rows.set(change.key, change.row);
    }
  }
}

/** Data as text that depends on nothing but what it says. */
export function plainText(data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
  );
}

/** A target row as it is kept: its value, with what the backend writes beside each. */
export function rowText(value: Readonly<Record<string, unknown>>, stamp: string): string {
  return plainText({ ...value, "#": stamp });
}
