/** How Node names the handle of a watcher among the resources that are at work. */
const handleName = "FSEventWrap";

let opened = 0;
/** False where this Node names handles otherwise: then nothing can be told of them. */
let visible = false;

/** To be called for each watcher of ours that was opened in this thread. */
export function countOpened(): void {
  opened++;
  visible ||= countHandles() > 0;
}

/** To be called for each that we have closed. */
export function countClosed(): void {
  opened--;
}

/**
 * How many handles of our watchers are gone without our having closed them: then nothing more comes from them, and
 * nothing says so. Watchers of others count as ours, so that a death can be overlooked where there are such.
 */
export function countDeadHandles(): number {
  return visible ? Math.max(0, opened - countHandles()) : 0;
}

function countHandles(): number {
  let handles = 0;
  for (const name of process.getActiveResourcesInfo()) if (name === handleName) handles++;
  return handles;
}
