import { join } from "node:path";
import { test } from "vitest";
import { storeConformance } from "../../testing/store-conformance.ts";
import { putFormat } from "./format.ts";
import { openLmdbStore } from "./index.ts";
import { Tree } from "./tree.ts";

const cases = storeConformance({
  open: (directory, options) => openLmdbStore({ directory, ...options }),
  capabilities: { durable: true, multiProcess: true, timedLeases: false },
  child: { module: new URL("./index.ts", import.meta.url).href, name: "openLmdbStore" },
  dataFile: "store.mdb",
  async rewriteFormat(directory, format) {
    const tree = new Tree(join(directory, "store.mdb"), { readOnly: false });
    tree.transact(() => putFormat(tree, format === "newer" ? 4 : 0));
    await tree.close();
  },
});

for (const { name, run } of cases) test(name, run, 60_000);
