/** Who points to whom. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

interface Visit {
  index: number;
  low: number;
  onStack: boolean;
}

/** The groups of nodes that reach each other, and nodes that point to themselves (Tarjan 1972), sorted. */
export function findRings(graph: Graph): string[][] {
  const visits = new Map<string, Visit>();
  const stack: string[] = [];
  const rings: string[][] = [];
  const enter = (node: string): Visit => {
    const visit = { index: visits.size, low: visits.size, onStack: true };
    visits.set(node, visit);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      const seen = visits.get(next);
      if (!seen) visit.low = Math.min(visit.low, enter(next).low);
      else if (seen.onStack) visit.low = Math.min(visit.low, seen.index);
    }
    if (visit.low === visit.index) closeGroup(node);
    return visit;
  };
  const closeGroup = (node: string) => {
    const group = stack.splice(stack.indexOf(node));
    for (const member of group) visits.get(member)!.onStack = false;
    if (group.length > 1 || graph.get(node)?.has(node)) rings.push(group.sort());
  };
  for (const node of graph.keys()) if (!visits.has(node)) enter(node);
  return rings.sort((a, b) => a[0]!.localeCompare(b[0]!));
}

/** Adds an edge to a graph under construction. */
export function addEdge(graph: Map<string, Set<string>>, from: string, to: string): void {
  const targets = graph.get(from);
  if (targets) targets.add(to);
  else graph.set(from, new Set([to]));
}
