import type { ConformanceCase } from "./conformance-suite.ts";
import { StoreBench } from "./store-bench.ts";
import type { StoreConformanceOptions } from "./store-conformance-options.ts";
import { storeDamageCases } from "./store-damage-cases.ts";
import { storeDurabilityCases } from "./store-durability-cases.ts";
import { storeLeaseCases } from "./store-lease-cases.ts";
import { storeMemoCases } from "./store-memo-cases.ts";
import { storeModelCases } from "./store-model-cases.ts";
import { storeRowCases } from "./store-row-cases.ts";
import { storeScanCases } from "./store-scan-cases.ts";

/**
 * The cases that a {@link StateStore} must pass, for any test runner.
 *
 * @example
 * for (const { name, run } of storeConformance({ open, capabilities })) test(name, run);
 */
export function storeConformance(options: StoreConformanceOptions): readonly ConformanceCase[] {
  const groups = [storeRowCases, storeScanCases, storeMemoCases, storeLeaseCases, storeModelCases];
  if (options.capabilities.durable) groups.push(storeDurabilityCases, storeDamageCases);
  return groups.flatMap((group) =>
    Object.entries(group(options)).map(([name, body]) => ({
      name,
      run: () => StoreBench.with(options, body),
    })),
  );
}
