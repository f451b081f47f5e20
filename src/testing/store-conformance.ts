import type { ConformanceCase } from "./conformance-suite.ts";
import { StoreBench } from "./store-bench.ts";
import type { StoreConformanceOptions } from "./store-conformance-options.ts";
import { storeDamageCases } from "./store-damage-cases.ts";
import { storeDoubtCases } from "./store-doubt-cases.ts";
import { storeDurabilityCases } from "./store-durability-cases.ts";
import { storeLeaseCases } from "./store-lease-cases.ts";
import { storeMemoCases } from "./store-memo-cases.ts";
import { storeModelCases } from "./store-model-cases.ts";
import { storeOwnerCases } from "./store-owner-cases.ts";
import { storeOwnerScanCases } from "./store-owner-scan-cases.ts";
import { storeRowCases } from "./store-row-cases.ts";
import { storeScanCases } from "./store-scan-cases.ts";
import { storeTimedLeaseCases } from "./store-timed-lease-cases.ts";
import { storeWriteCases } from "./store-write-cases.ts";

/**
 * The cases that a {@link StateStore} must pass, for any test runner.
 *
 * @example
 * for (const { name, run } of storeConformance({ open, capabilities })) test(name, run);
 */
export function storeConformance(options: StoreConformanceOptions): readonly ConformanceCase[] {
  const { durable, timedLeases } = options.capabilities;
  if (timedLeases && !options.leaseMs) throw new Error("a store that declares timedLeases needs leaseMs too");
  const groups = [
    ...[storeRowCases, storeScanCases, storeOwnerCases, storeOwnerScanCases, storeMemoCases],
    ...[storeDoubtCases, storeWriteCases, storeLeaseCases, storeModelCases],
    ...(timedLeases ? [storeTimedLeaseCases] : []),
    ...(durable ? [storeDurabilityCases, storeDamageCases] : []),
  ];
  return groups.flatMap((group) =>
    Object.entries(group(options)).map(([name, body]) => ({
      name,
      run: () => StoreBench.with(options, body),
    })),
  );
}
