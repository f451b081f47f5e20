import type { ScopeDraft, SliceNode, SourceDraft } from "./flow-draft.ts";

/** What the objects stand for that a flow's body handles. */
export type Handle =
  | { readonly kind: "slice"; readonly node: SliceNode }
  | { readonly kind: "source"; readonly source: SourceDraft }
  | { readonly kind: "row"; readonly scope: ScopeDraft };

const handles = new WeakMap<object, Handle>();

export function registerHandle(object: object, handle: Handle): void {
  handles.set(object, handle);
}

/** What the object stands for; null for a plain value. */
export function handleOf(value: unknown): Handle | null {
  return typeof value === "object" && value !== null ? (handles.get(value) ?? null) : null;
}

/** True when a slice, or anything else of a flow, is hidden inside a plain value. */
export function containsHandle(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  if (handles.has(value)) return true;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return false;
  return Object.values(value).some((member) => containsHandle(member, seen));
}
