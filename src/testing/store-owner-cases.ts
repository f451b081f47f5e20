import assert from "node:assert/strict";
import type { OwnerWrite, TargetId } from "../contracts/state-store.ts";
import { bytesToHex, compareBytes } from "../kernel/bytes.ts";
import { type HeldFlow, type StoreCases, sourceOne, targetOne, targetTwo, utf8 } from "./store-bench.ts";
import { type Listed, readOwnerScan } from "./store-dump.ts";
import { modelKeys } from "./store-operations.ts";

/** What is kept of target keys: who owns them, and which are owed something. */
export const storeOwnerCases: StoreCases = () => ({
  async "keeps nothing of target keys at first"(bench) {
    const store = await bench.open();
    const flow = "flow" as HeldFlow["flow"];
    assert.deepEqual(await store.readOwners(flow, [{ target: targetOne, key: utf8("a") }]), [null]);
    for (const owedOnly of [false, true])
      assert.deepEqual(await readOwnerScan(store, { flow, target: targetOne, owedOnly }), []);
  },

  async "answers for target keys in the order asked, whatever the target"(bench) {
    const held = await bench.openHeld();
    const of = (target: TargetId, key: string) => ({ target, key: utf8(key) });
    await held.write({
      owners: [owner("a", "a of 1"), { ...owner("a", "a of 2"), target: targetTwo }, owner("b", "")],
    });
    const asked = [of(targetTwo, "a"), of(targetTwo, "b"), of(targetOne, "b"), of(targetOne, "a")];
    assert.deepEqual(await texts(held, asked), ["a of 2", null, "", "a of 1"]);
    assert.deepEqual(await texts(held, []), []);
  },

  async "replaces and removes what it keeps of a target key"(bench) {
    const held = await bench.openHeld();
    await held.write({ owners: [owner("a", "one", true), owner("b", "b")] });
    await held.write({ owners: [owner("a", "two", true)] });
    assert.deepEqual(await owed(held), [["a", "two"]]);
    await held.write({ owners: [owner("a", "three", false), owner("b", "b", true)] });
    assert.deepEqual(await all(held), [
      ["a", "three"],
      ["b", "b"],
    ]);
    assert.deepEqual(await owed(held), [["b", "b"]]);
    await held.write({ owners: [owner("b", null, true), owner("never", null)] });
    assert.deepEqual([await all(held), await owed(held)], [[["a", "three"]], []]);
  },

  async "keeps target keys apart from rows with the same numbers and keys"(bench) {
    const held = await bench.openHeld();
    const row = { source: sourceOne, key: utf8("a") };
    await held.write({ rows: [{ ...row, version: utf8("v") }], owners: [owner("a", "r", true)] });
    await held.write({ removeSources: [sourceOne] });
    assert.deepEqual([await all(held), await owed(held)], [[["a", "r"]], [["a", "r"]]]);
    await held.write({ rows: [{ ...row, version: utf8("v") }], removeTargets: [targetOne] });
    assert.equal(await held.store.countRows(held.flow, sourceOne), 1);
    assert.deepEqual(await all(held), []);
  },

  async "lists target keys of any length in the order of their bytes, all or those owed"(bench) {
    const held = await bench.openHeld();
    const owners = modelKeys.map((key, i) => ({
      target: targetOne,
      key,
      record: utf8(String(i)),
      owed: i % 3 === 0,
    }));
    await held.write({ owners: [...owners].reverse() });
    const wanted = [...owners].sort((a, b) => compareBytes(a.key, b.key));
    const { store, flow } = held;
    const list = (owedOnly: boolean) => readOwnerScan(store, { flow, target: targetOne, owedOnly });
    assert.deepEqual(await list(false), listed(wanted));
    assert.deepEqual(await list(true), listed(wanted.filter((one) => one.owed)));
    assert.deepEqual(await readOwnerScan(store, { flow, target: targetTwo, owedOnly: false }), []);
    const read = await store.readOwners(flow, owners);
    assert.deepEqual(
      read.map((record) => record && bytesToHex(record)),
      owners.map(({ record }) => bytesToHex(record)),
    );
  },

  async "tells keys that begin with one another apart"(bench) {
    const held = await bench.openHeld();
    const long = "p".repeat(4000);
    const keys = ["", "p", "pp", "p\u0000", long, `${long}p`, `${long}\u0000`, long.slice(0, 1900)];
    for (const key of keys) await held.write({ owners: [owner(key, `of ${key.length}`, true)] });
    await held.write({ owners: [owner("p", null), owner(long, null), owner("pp", "other", false)] });
    const left = keys.filter((key) => key !== "p" && key !== long);
    const wanted = left.map((key): [string, string] => [key, key === "pp" ? "other" : `of ${key.length}`]);
    wanted.sort(([a], [b]) => compareBytes(utf8(a), utf8(b)));
    assert.deepEqual(await all(held), wanted);
    assert.deepEqual(
      await owed(held),
      wanted.filter(([key]) => key !== "pp"),
    );
  },

  async "copies what it keeps of target keys in and out"(bench) {
    const held = await bench.openHeld();
    const { store, flow } = held;
    const [key, record] = [utf8("key"), utf8("record")];
    await held.write({ owners: [{ target: targetOne, key, record, owed: true }] });
    key.fill(0);
    record.fill(0);
    const address = { target: targetOne, key: utf8("key") };
    (await store.readOwners(flow, [address]))[0]!.fill(1);
    for (const owedOnly of [false, true]) {
      for await (const page of store.scanOwners(flow, targetOne, { owedOnly })) {
        page[0]!.key.fill(1);
        page[0]!.record.fill(1);
      }
    }
    assert.deepEqual([await all(held), await owed(held)], [[["key", "record"]], [["key", "record"]]]);
  },

  async "removes targets and flows with all that it keeps of their keys, and nothing else"(bench) {
    const held = await bench.openHeld();
    const other = await bench.openHeld("other");
    const long = "k".repeat(3000);
    const owners = [targetOne, targetTwo].flatMap((target) =>
      ["a", long].map((key) => ({ ...owner(key, "r", true), target })),
    );
    await held.write({ owners });
    await other.write({ owners });
    await held.write({ removeTargets: [targetOne], owners: [owner("new", "n")] });
    assert.deepEqual([await all(held), await owed(held)], [[["new", "n"]], []]);
    assert.equal((await owed(held, targetTwo)).length, 2);
    await held.write({ removeFlow: true, owners: [owner("newer", "n", true)] });
    assert.deepEqual([await all(held), await owed(held)], [[["newer", "n"]], [["newer", "n"]]]);
    assert.deepEqual([await all(held, targetTwo), await owed(held, targetTwo)], [[], []]);
    for (const target of [targetOne, targetTwo]) assert.equal((await owed(other, target)).length, 2);
  },
});

function owner(key: string, record: string | null, owes = false): OwnerWrite {
  return { target: targetOne, key: utf8(key), record: record === null ? null : utf8(record), owed: owes };
}

function listed(owners: readonly { readonly key: Uint8Array; readonly record: Uint8Array }[]): Listed[] {
  return owners.map(({ key, record }) => [bytesToHex(key), bytesToHex(record)]);
}

function all(held: HeldFlow, target = targetOne): Promise<[string, string][]> {
  return list(held, target, false);
}

function owed(held: HeldFlow, target = targetOne): Promise<[string, string][]> {
  return list(held, target, true);
}

async function list(held: HeldFlow, target: TargetId, owedOnly: boolean): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const page of held.store.scanOwners(held.flow, target, { owedOnly })) {
    assert.notEqual(page.length, 0, "a page without keys");
    for (const { key, record } of page) found.push([text(key), text(record)]);
  }
  return found;
}

async function texts(held: HeldFlow, keys: Parameters<HeldFlow["store"]["readOwners"]>[1]) {
  return (await held.store.readOwners(held.flow, keys)).map((record) => record && text(record));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
