/** What was done to files, in the order in which it was; times are of the shared clock, in milliseconds. */
export interface Edits {
  readonly paths: readonly string[];
  readonly kinds: readonly EditKind[];
  /** Ever-growing numbers; what was written carries its own. */
  readonly stamps: readonly number[];
  readonly began: readonly number[];
  /** When the call that ended it returned: closing the file, or removing it. */
  readonly ended: readonly number[];
}

export type EditKind = "edit" | "create" | "delete";

/** What a target was given, in the order in which it was. */
export interface Arrivals {
  readonly paths: readonly string[];
  /** Null for a row that was deleted. */
  readonly stamps: readonly (number | null)[];
  readonly at: readonly number[];
}

export interface Latencies {
  /** From the end of each write to the row at the target, or to a later one of the same file. */
  readonly written: readonly number[];
  /** The same of files that were removed. */
  readonly deleted: readonly number[];
  /** Edits of files that came and went before anybody looked, so that there was nothing to arrive. */
  readonly unseen: number;
  /** What has not arrived, nor anything later of the same file. */
  readonly lost: number;
}

interface Edit {
  readonly kind: EditKind;
  readonly stamp: number;
  readonly began: number;
  readonly ended: number;
}

/** Finds what of edits has arrived when. Several edits of one file may have arrived as one. */
export function latenciesOf(edits: Edits, arrivals: Arrivals): Latencies {
  const waiting = byPath(edits);
  const held = heldBefore(edits);
  const written: number[] = [];
  const deleted: number[] = [];
  for (const [i, path] of arrivals.paths.entries()) {
    const ofFile = waiting.get(path);
    if (arrivals.stamps[i] === null) held.delete(path);
    else held.add(path);
    const at = arrivals.at[i]!;
    const until = ofFile ? arrivedUntil(ofFile, arrivals.stamps[i]!, at) : 0;
    for (const { kind, ended } of ofFile?.splice(0, until) ?? [])
      (kind === "delete" ? deleted : written).push(Math.max(0, at - ended));
  }
  const left = [...waiting].map(([path, ofFile]) => {
    const isRight = ofFile.at(-1)?.kind === "delete" && !held.has(path);
    return { unseen: isRight ? ofFile.length : 0, lost: isRight ? 0 : ofFile.length };
  });
  const sum = (of: "unseen" | "lost") => left.reduce((all, one) => all + one[of], 0);
  return { written, deleted, unseen: sum("unseen"), lost: sum("lost") };
}

/** The files of these that the target had a row of before: those that were not made first. */
function heldBefore({ paths, kinds }: Edits): Set<string> {
  const first = new Map<string, EditKind>();
  for (const [i, path] of paths.entries()) if (!first.has(path)) first.set(path, kinds[i]!);
  return new Set([...first].flatMap(([path, kind]) => (kind === "create" ? [] : [path])));
}

/** How many of a file's edits an arrival stands for: a row says so itself, its absence by when it was noticed. */
function arrivedUntil(edits: readonly Edit[], stamp: number | null, at: number): number {
  return (
    edits.findLastIndex((edit) =>
      stamp === null ? edit.kind === "delete" && edit.began <= at : edit.stamp <= stamp,
    ) + 1
  );
}

function byPath({ paths, kinds, stamps, began, ended }: Edits): Map<string, Edit[]> {
  const edits = new Map<string, Edit[]>();
  for (const [i, path] of paths.entries()) {
    const ofFile = edits.get(path) ?? [];
    edits.set(path, ofFile);
    ofFile.push({ kind: kinds[i]!, stamp: stamps[i]!, began: began[i]!, ended: ended[i]! });
  }
  return edits;
}
