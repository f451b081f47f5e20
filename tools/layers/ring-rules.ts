import type { Finding } from "../project/finding.ts";
import { addEdge, findRings } from "../project/rings.ts";
import { isTestFile } from "../project/source-tree.ts";

/** One import between two files of the project. */
export interface FileEdge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

/** Rings between files, type-only imports included: none of the files can be understood or moved alone. */
export function findFileRings(edges: readonly FileEdge[]): string[][] {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of edges) addEdge(graph, from, to);
  return findRings(graph);
}

/**
 * Rings between neighbours: inside each directory its sub-directories, and the files beside them, must not
 * import each other in a circle. A file beside a sub-directory is its neighbour and not its owner, so
 * `main.ts` → `commands/` → `display.ts` is no ring.
 */
export function findFolderRings(edges: readonly FileEdge[]): string[][] {
  const graphs = new Map<string, Map<string, Set<string>>>();
  for (const { from, to } of edges) {
    if (isTestFile(from)) continue;
    const { directory, neighbours } = divergence(from, to);
    const graph = graphs.get(directory) ?? new Map<string, Set<string>>();
    graphs.set(directory, graph);
    if (neighbours[0] !== neighbours[1]) addEdge(graph, ...neighbours);
  }
  return [...graphs.values()].flatMap(findRings);
}

/** The deepest directory that holds both files, and its entries that lead to each. */
function divergence(from: string, to: string): { directory: string; neighbours: [string, string] } {
  const a = from.split("/");
  const b = to.split("/");
  let depth = 0;
  while (a[depth] === b[depth] && depth < a.length - 1) depth++;
  const upTo = (path: string[]) => path.slice(0, depth + 1).join("/");
  return { directory: a.slice(0, depth).join("/"), neighbours: [upTo(a), upTo(b)] };
}

/** One finding a ring, at the import in its first member that closes it. */
export function ringFindings(
  rule: string,
  rings: readonly string[][],
  edges: readonly FileEdge[],
): Finding[] {
  return rings.map((ring) => {
    const inside = (path: string) => ring.some((one) => path === one || path.startsWith(`${one}/`));
    const edge = edges.find(({ from, to }) => from.startsWith(ring[0]!) && inside(from) && inside(to));
    const members = [...ring, ring[0]].join(", ");
    return {
      rule,
      file: edge?.from ?? ring[0]!,
      line: edge?.line ?? 1,
      message: `imports run in a ring: ${members}`,
    };
  });
}
