/** What connectors call something of an export or a source that its spec gives no name. */
export function defaultNameOf(appNamespace: string, flow: string, name: string): string {
  return [appNamespace, flow, name].filter((part) => part !== "").join("__");
}
