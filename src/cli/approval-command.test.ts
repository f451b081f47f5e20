import { expect, test } from "vitest";
import type { UpdateInfo } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import { type NamedFlow, withApproval, withRepairApproval } from "./approval-command.ts";

const error = new SluiceError("deletions-held", "too many", { hint: "in code", where: { source: "pages" } });

function hintsFor(updated: NamedFlow, ...rows: readonly number[]): (string | undefined)[] {
  const info: UpdateInfo = {
    flow: updated.flow,
    sources: {},
    targets: {},
    functions: {},
    failures: [],
    failedKeys: [],
    notices: [],
    incomplete: [],
    held: rows.map((count) => ({ source: "pages", rows: count, tracked: 99, error })),
    elapsedMs: 1,
    ok: false,
  };
  const { held } = withApproval(info, updated);
  for (const each of held) expect(each.error).toMatchObject({ code: "deletions-held", where: error.where });
  return held.map((each) => each.error.hint);
}

test("the command approves what is held of every source, and no more", () => {
  const hint = "If they are to go, run: sluice update flows.ts:Docs --allow-deletions=31";
  expect(hintsFor({ file: "flows.ts", flow: "Docs" }, 31, 5)).toEqual([hint, hint]);
});

test("it finds the same store, from a directory of any name", { skip: process.platform === "win32" }, () => {
  const updated = { file: "my app/flows.ts", flow: "Docs", appDir: "it's", envFile: ".env.local" };
  expect(hintsFor(updated, 2)).toEqual([
    "If they are to go, run: sluice update 'my app/flows.ts:Docs' --allow-deletions=2 --app-dir 'it'\\''s' --env-file .env.local",
  ]);
});

test("of a repair, the extra rows of every target, and nothing else that was refused", () => {
  const counts = { expected: 0, found: 40, missing: 0, different: 0, pending: 0, findings: [], error: null };
  const refused = ["Out", "Other", "Broken"].map((target) => ({
    target,
    error: target === "Broken" ? new SluiceError("mutate-failed", "no", { hint: "Mend it." }) : error,
  }));
  const info = {
    flow: "Docs",
    targets: {
      Out: { ...counts, extra: 40 },
      Other: { ...counts, extra: 31 },
      Broken: { ...counts, extra: 99 },
    },
    unverified: [],
    repair: { targets: {}, failed: 0, failures: [], refused },
    elapsedMs: 1,
    ok: false,
  };
  const { repair } = withRepairApproval(info, { file: "flows.ts", flow: "Docs" });
  const hint = "If they are to go, run: sluice verify flows.ts:Docs --repair --allow-deletions=40";
  expect(repair!.refused.map((one) => one.error.hint)).toEqual([hint, hint, "Mend it."]);
});
