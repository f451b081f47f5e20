import type { ScopeDraft, SliceNode, SourceDraft } from "./flow-draft.ts";

/** What the objects stand for that a flow's body handles. */
export type Handle =
  | { readonly kind: "slice"; readonly node: SliceNode }
  | { readonly kind: "source"; readonly source: SourceDraft }
  | { readonly kind: "row"; readonly scope: ScopeDraft };

const handles = new WeakMap<object, Handle>();

/** Remembers what an object stands for, and returns the object. */
export function withHandle<T extends object>(object: T, handle: Handle): T {
  handles.set(object, handle);
  return object;
}

/** What the object stands for; null for a plain value. */
export function handleOf(value: unknown): Handle | null {
  return typeof value === "object" && value !== null ? (handles.get(value) ?? null) : null;
}

/** Whether a slice, or anything else of a flow, is hidden inside a plain value. */
export function containsHandle(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  if (handles.has(value)) return true;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return false;
  return Object.values(value).some((member) => containsHandle(member, seen));
}
