import { type LayerName, layers } from "./layers.ts";

/** Where a source file stands in the table. */
export interface Place {
  readonly layer: LayerName;
  /** What may import itself freely: the layer's folder, or one plugin's. */
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
  return third === undefined ? null : { layer, home: `src/${first}/${second}` };
}

/** A layer and all that it may import, and what these may import in turn. */
export function reachableLayers(layer: LayerName, found = new Set<LayerName>()): Set<LayerName> {
  if (found.has(layer)) return found;
  found.add(layer);
  for (const below of layers[layer].imports) reachableLayers(below, found);
  return found;
}
