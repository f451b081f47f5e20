import type { WatchOptions } from "../../src/contracts/source.ts";
import { onAbort } from "../../src/kernel/on-abort.ts";
import type { Archive, ArchiveChange, Note } from "./archive.ts";

export const archiveHeartbeat = "400ms";

const beatMs = 50;

/**
 * Watches an archive as it should be done. Where it tells all, it gives values and versions, and tells again what was
 * not acknowledged; else keys alone.
 */
export async function* watchArchive(
  archive: Archive,
  { signal, armed, alive }: WatchOptions,
  tellsAll: boolean,
): AsyncGenerator<readonly ArchiveChange[]> {
  if (signal.aborted) return;
  const notes: Note[] = [...archive.unacknowledged];
  let wake = () => {};
  const hear = (note: Note) => {
    if (!archive.scraps.has(note.id)) notes.push(note);
    wake();
  };
  archive.listeners.add(hear);
  const beat = setInterval(alive, beatMs);
  const forget = onAbort(signal, () => wake());
  armed();
  try {
    while (!signal.aborted) {
      if (notes.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      else
        yield notes
          .splice(0)
          .map((note) => (tellsAll ? wholeChange(archive, note) : { key: { id: note.id } }));
    }
  } finally {
    forget();
    clearInterval(beat);
    archive.listeners.delete(hear);
  }
  // Either is right: to end, and to throw what it was aborted with.
  if (!tellsAll) signal.throwIfAborted();
}

/** What is to be said of a paper now, which a later note may have changed. */
function wholeChange(archive: Archive, note: Note): ArchiveChange {
  archive.unacknowledged.add(note);
  const acknowledge = () => void archive.unacknowledged.delete(note);
  const isThere = archive.papers.has(note.id);
  return isThere
    ? { ...archive.entryOf(note.id, true), acknowledge }
    : { key: { id: note.id }, deleted: true, acknowledge };
}
