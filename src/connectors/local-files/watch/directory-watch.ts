import { type FSWatcher, watch } from "node:fs";
import { overflowGuard } from "./queue-overflow.ts";

/** What became of a name: `rename` is whatever is more than another content or other attributes of a file. */
export type HintKind = "rename" | "change";

export interface WatchListener {
  /** Something befell this name in the directory, or the directory itself, by its own name. Null: nobody knows what. */
  hint(kind: HintKind, name: string | null): void;
  /** Nothing more will come. */
  failed(reason: unknown): void;
}

/** A watch of the system on one directory, by its inode, wherever that is moved to. */
export class DirectoryWatch {
  #watcher: FSWatcher | null;

  /** Watches all below it too if `recursive`, where the system can. Throws what the file system says. */
  constructor(path: string, recursive: boolean, listener: WatchListener) {
    const watcher = watch(path, { recursive });
    this.#watcher = watcher;
    const overflow = overflowGuard();
    watcher.on("change", (kind, name) => {
      overflow.count();
      if (this.#watcher === null) return;
      listener.hint(kind === "change" ? kind : "rename", typeof name === "string" ? name : null);
    });
    watcher.on("error", (error) => this.#end(error, listener));
    watcher.on("close", () => this.#end(new Error("it was closed"), listener));
  }

  /** False when its handle is gone without our having closed it: then nothing more comes, and nothing says so. */
  get isAlive(): boolean {
    return this.#watcher !== null && hasHandle(this.#watcher);
  }

  close(): void {
    const watcher = this.#watcher;
    if (watcher === null) return;
    this.#watcher = null;
    // Closing one whose handle is gone brings Node itself down.
    if (hasHandle(watcher)) watcher.close();
  }

  #end(reason: unknown, listener: WatchListener): void {
    if (this.#watcher === null) return;
    this.close();
    listener.failed(reason);
  }
}

/** Only the handle itself knows. Where a Node hides it, it is taken to be there. */
function hasHandle(watcher: FSWatcher): boolean {
  const handle: unknown = Reflect.get(watcher, "_handle");
  if (handle === undefined) return true;
  if (handle === null || typeof handle !== "object") return false;
  return !("hasRef" in handle && typeof handle.hasRef === "function") || handle.hasRef() === true;
}
