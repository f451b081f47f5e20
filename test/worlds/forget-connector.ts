/** Undefines a kind of target, as a process does that never imports its module. */
export function forgetConnector(kind: string): void {
  const { [Symbol.for("sluice.connectors")]: registry } = globalThis as {
    readonly [name: symbol]: { readonly targets: Map<string, unknown> } | undefined;
  };
  registry?.targets.delete(kind);
}
