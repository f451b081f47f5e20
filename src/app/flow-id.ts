import type { FlowId } from "../contracts/state-store.ts";
import type { Settings } from "./settings.ts";

/** What a flow's records are filed under: its name within the app namespace. */
export function flowIdOf(name: string, { appNamespace }: Settings): FlowId {
  return (appNamespace === "" ? name : `${appNamespace}/${name}`) as FlowId;
}

/** The parts of an id: neither a flow's name nor a namespace has a slash. */
export function partsOfFlowId(id: FlowId): { readonly namespace: string | null; readonly name: string } {
  const slash = id.indexOf("/");
  return slash < 0
    ? { namespace: null, name: id }
    : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}
