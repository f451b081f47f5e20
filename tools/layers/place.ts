import { type LayerName, layers } from "./layers.ts";

/** Where a source file stands in the table. */
export interface Place {
  readonly layer: LayerName;
  /** What may import itself freely: the layer's folder, one plugin's, or that of all plugins for an entry that gathers them. */
  readonly home: string;
}

/** The place of a file under `src`; null where the table has none. */
export function placeOf(path: string): Place | null {
  const [, first = "", second = "", third] = path.split("/");
  if (!Object.hasOwn(layers, first)) return null;
  const layer = first as LayerName;
  const isFile = second === "";
  if (isFile !== first.endsWith(".ts")) return null;
  if (!layers[layer].plugins) return { layer, home: `src/${first}` };
  if (third !== undefined) return { layer, home: `src/${first}/${second}` };
  return second === "index.ts" ? { layer, home: `src/${first}` } : null;
}

/** Whether a place is the entry that gathers the plugins of a layer. */
export function gathersPlugins({ layer, home }: Place): boolean {
  return layers[layer].plugins && home === `src/${layer}`;
}

/** A layer and all that it may import, and what these may import in turn. */
export function reachableLayers(layer: LayerName, found = new Set<LayerName>()): Set<LayerName> {
  if (found.has(layer)) return found;
  found.add(layer);
  for (const below of layers[layer].imports) reachableLayers(below, found);
  return found;
}
