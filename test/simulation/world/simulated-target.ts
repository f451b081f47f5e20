import { z } from "zod";
import { defineTarget, type MutationBatch, type SetupVerdict, type TargetUse } from "../../../src/index.ts";
import { type ExportShape, stampOf } from "../flow-shape.ts";
import { type BackendState, type Backends, plainText, rowText } from "./backends.ts";
import type { Ports } from "./ports.ts";

const spec = z.object({ place: z.string(), edition: z.int(), format: z.int(), label: z.int() });
type Spec = z.infer<typeof spec>;

type Plain = Readonly<Record<string, unknown>>;
/** What `prepare` resolves to. */
interface Prepared {
  readonly backend: string;
  readonly spec: Spec;
}
type Kind = ExportShape["target"]["kind"];

/** The kinds of target of a world, as one process defines them. */
export function simulatedTargets(
  backends: Backends,
  ports: Ports,
): (target: ExportShape["target"]) => TargetUse<unknown, unknown> {
  const kinds = {
    shelf: defineKind("shelf", backends, ports),
    rack: defineKind("rack", backends, ports),
  };
  return ({ kind, place, edition, format, label }) => kinds[kind]({ place, edition, format, label });
}

function defineKind(kind: Kind, backends: Backends, ports: Ports) {
  const underWay = new Set<string>();
  return defineTarget({
    kind,
    spec,
    getPersistentKey: ({ place }, targetName) => (kind === "shelf" ? place : targetName),
    setupState: ({ spec: { edition, format, label }, schema }): BackendState => ({
      edition,
      format,
      label,
      ...(kind === "rack" ? { fields: schema.valueFields.map(({ name }) => name).sort() } : {}),
    }),
    compare,
    applySetupChange: ({ key, current }) =>
      ports.pass("setup", () => backends.apply({ backend: `${kind}:${key}`, state: current })),
    prepare: (given, { targetName }): Prepared | Promise<Prepared> =>
      ports.pass("prepare", () => ({
        backend: `${kind}:${kind === "shelf" ? given.place : targetName}`,
        spec: given,
      })),
    async mutate(batches) {
      const rows = rowsOf(batches as readonly MutationBatch<Prepared, Plain, Plain>[]);
      ports.work.mutates++;
      noteOverlaps(rows, underWay, ports);
      try {
        await ports.pass("mutate", (part, how) => {
          for (const row of rows.slice(0, part ?? rows.length)) writeRow(row, backends, ports);
          // It never ends, and does nothing any more.
          if (how === "hangs") noteEnd(rows, underWay);
        });
      } finally {
        noteEnd(rows, underWay);
      }
    },
  });
}

function compare(previous: BackendState, wanted: BackendState): SetupVerdict {
  if (previous.edition !== wanted.edition) return "destructive";
  const lost = previous.fields?.some((field) => !wanted.fields?.includes(field)) ?? false;
  if (previous.format !== wanted.format || lost) return "lossy";
  const same = previous.label === wanted.label && String(previous.fields) === String(wanted.fields);
  return same ? "unchanged" : "compatible";
}

interface RowToWrite {
  readonly backend: string;
  readonly spec: Spec;
  readonly key: string;
  readonly row: string | null;
}

function rowsOf(batches: readonly MutationBatch<Prepared, Plain, Plain>[]): RowToWrite[] {
  return batches.flatMap(({ target, mutations }) =>
    mutations.map(({ key, value }) => ({
      ...target,
      key: plainText(key),
      row: value === null ? null : rowText(value, stampOf({ ...target.spec, kind: "shelf" })),
    })),
  );
}

/** A backend that writes the rows of a call side by side may do them in any order. */
function noteOverlaps(rows: readonly RowToWrite[], underWay: Set<string>, { work }: Ports): void {
  for (const { backend, key } of rows) {
    const name = `${backend} ${key}`;
    if (underWay.has(name)) work.violations.push(`two writes of ${name} at once`);
    underWay.add(name);
  }
}

function noteEnd(rows: readonly RowToWrite[], underWay: Set<string>): void {
  for (const { backend, key } of rows) underWay.delete(`${backend} ${key}`);
}

function writeRow({ backend, spec: given, key, row }: RowToWrite, backends: Backends, ports: Ports): void {
  const known = backends.all.get(backend);
  if (!known) {
    ports.work.violations.push(`a write to ${backend}, which was not set up`);
    return;
  }
  const { edition, format, label } = known.state;
  if (edition !== given.edition || format !== given.format || label !== given.label)
    ports.work.violations.push(`a write to ${backend}, which is set up otherwise`);
  ports.work.writes.push({ backend, key, before: known.rows.get(key) ?? null, after: row });
  backends.apply({ backend, key, row });
}
