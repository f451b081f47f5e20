import { createRequire } from "node:module";
import type { Table } from "@lancedb/lancedb";
import { optionalPackage } from "../../contracts/optional-package.ts";

export type ArrowSchema = Awaited<ReturnType<Table["schema"]>>;
export type ArrowField = ArrowSchema["fields"][number];
export type ArrowType = ArrowField["type"];
export type ArrowTable = Awaited<ReturnType<Table["toArrow"]>>;
export type ArrowVector = NonNullable<ReturnType<ArrowTable["getChildAt"]>>;
type ArrowData = ArrowVector["data"][number];

/** What is used of the Apache Arrow that LanceDB works with. */
export interface Arrow {
  readonly Utf8: new () => ArrowType;
  readonly Bool: new () => ArrowType;
  readonly Int64: new () => ArrowType;
  readonly Float32: new () => ArrowType;
  readonly Float64: new () => ArrowType;
  readonly Binary: new () => ArrowType;
  readonly List: new (element: ArrowField) => ArrowType;
  readonly FixedSizeList: new (length: number, element: ArrowField) => ArrowType;
  readonly Field: new (
    name: string,
    type: ArrowType,
    nullable: boolean,
    metadata?: Map<string, string>,
  ) => ArrowField;
  readonly Schema: new (fields: ArrowField[], metadata?: Map<string, string>) => ArrowSchema;
  readonly Table: new (schema: ArrowSchema, columns: Record<string, ArrowVector>) => ArrowTable;
  readonly Vector: new (data: ArrowData[]) => ArrowVector;
  vectorFromArray(values: readonly unknown[], type: ArrowType): ArrowVector;
  makeData(parts: {
    readonly type: ArrowType;
    readonly length: number;
    readonly nullCount?: number;
    readonly nullBitmap?: Uint8Array | null;
    readonly child?: ArrowData;
    readonly data?: Float32Array | Float64Array;
  }): ArrowData;
}

export type LancePackage = typeof import("@lancedb/lancedb");

/** LanceDB, and the Arrow that it works with. */
export interface Lance {
  readonly lancedb: LancePackage;
  readonly arrow: Arrow;
}

const require = createRequire(import.meta.url);

/**
 * Loads what users install for this target.
 *
 * @throws SluiceError `package-missing`
 */
export async function loadLance(): Promise<Lance> {
  const lancedb = await optionalPackage("@lancedb/lancedb", () =>
    loadArrow(() => import("@lancedb/lancedb")),
  );
  // LanceDB knows its own classes only: those that it requires, which are others than those that are imported.
  const lanceRequire = createRequire(require.resolve("@lancedb/lancedb"));
  const arrow = await loadArrow(async () => lanceRequire("apache-arrow") as Arrow);
  return { lancedb, arrow };
}

/** What needs Arrow, as LanceDB itself does. LanceDB refuses newer ones than this, which npm would install. */
function loadArrow<T>(load: () => Promise<T>): Promise<T> {
  return optionalPackage("apache-arrow", load, "apache-arrow@18.1.0");
}
