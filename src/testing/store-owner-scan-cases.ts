import assert from "node:assert/strict";
import type { OwnerWrite, StoredOwner } from "../contracts/state-store.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import { type HeldFlow, type StoreCases, targetOne, utf8 } from "./store-bench.ts";
import { readOwnerScan } from "./store-dump.ts";

const many = 10_000;

/** Passes over the owner index while it is written. */
export const storeOwnerScanCases: StoreCases = () => ({
  async "lists many thousand target keys once each"(bench) {
    const held = await bench.openHeld();
    await writeMany(held);
    const { store, flow } = held;
    const list = async (owedOnly: boolean) =>
      (await readOwnerScan(store, { flow, target: targetOne, owedOnly })).map(([key]) => key);
    const keys = numbers(many).map((i) => bytesToHex(keyOf(i)));
    assert.deepEqual(await list(false), keys);
    assert.deepEqual(
      await list(true),
      keys.filter((_, i) => isOwed(i)),
    );
  },

  async "lists what is not changed, whatever is written meanwhile"(bench) {
    for (let run = 0; run < bench.runs; run++) {
      const seed = bench.seed + run;
      const held = await bench.openHeld(`flow ${run}`);
      await writeMany(held);
      await listWhileWriting(held, { owedOnly: run % 2 === 1, random: seededRandom(seed), seed });
      await held.lease.release();
    }
  },

  async "goes on listing when the target is removed under it, and may be left early"(bench) {
    const held = await bench.openHeld();
    const { store, flow } = held;
    for (const owedOnly of [false, true]) {
      await writeMany(held);
      for await (const _ of store.scanOwners(flow, targetOne, { owedOnly })) break;
      const pages = store.scanOwners(flow, targetOne, { owedOnly })[Symbol.asyncIterator]();
      assert.notEqual((await pages.next()).done, true);
      const last = { target: targetOne, key: utf8("z"), record: utf8("r"), owed: true };
      await held.write({ removeTargets: [targetOne], owners: [last] });
      while (!(await pages.next()).done);
      assert.equal((await readOwnerScan(store, { flow, target: targetOne, owedOnly })).length, 1);
    }
  },

  async "never goes back among long target keys"(bench) {
    const held = await bench.openHeld();
    const { store, flow } = held;
    const twin = (i: number) => ({ ...ownerOf(0), key: utf8(`${"t".repeat(5000)}${i}`), owed: true });
    await held.write({ owners: [twin(5)] });
    for (const owedOnly of [false, true]) {
      const seen: string[] = [];
      for await (const page of store.scanOwners(flow, targetOne, { owedOnly })) {
        seen.push(...page.map(({ key }) => bytesToHex(key)));
        await held.write({ owners: numbers(10).map(twin) });
      }
      assert.deepEqual(seen, [...new Set(seen)].sort());
      await held.write({ removeTargets: [targetOne], owners: [twin(5)] });
    }
  },

  async "stops listing when it is closed"(bench) {
    const held = await bench.openHeld();
    await writeMany(held);
    const { store, flow } = held;
    const pages = store.scanOwners(flow, targetOne, { owedOnly: false })[Symbol.asyncIterator]();
    await pages.next();
    await store.close();
    await assert.rejects(pages.next(), { code: "store-closed" });
  },
});

interface Listing {
  readonly owedOnly: boolean;
  readonly random: Random;
  readonly seed: number;
}

/** Lists with writes between the pages, and compares with what each key was while the listing went on. */
async function listWhileWriting(held: HeldFlow, { owedOnly, random, seed }: Listing): Promise<void> {
  const before = new Map(numbers(many).map((i) => [bytesToHex(keyOf(i)), ownerOf(i)]));
  const changes = new Map<string, OwnerWrite[]>();
  const seen: StoredOwner[] = [];
  for await (const page of held.store.scanOwners(held.flow, targetOne, { owedOnly })) {
    seen.push(...page);
    const owners = new Map(
      numbers(300)
        .map(() => changeOf(random))
        .map((one) => [bytesToHex(one.key), one]),
    );
    for (const [key, owner] of owners) changes.set(key, [...(changes.get(key) ?? []), owner]);
    await held.write({ owners: [...owners.values()] });
  }
  const note = `seed ${seed}`;
  const keys = seen.map(({ key }) => bytesToHex(key));
  assert.deepEqual(keys, [...new Set(keys)].sort(), note);
  for (const { key, record } of seen) {
    const name = bytesToHex(key);
    const states = [before.get(name), ...(changes.get(name) ?? [])].filter((one) => isShown(one, owedOnly));
    const known = states.some((one) => bytesToHex(one!.record!) === bytesToHex(record));
    assert.ok(known, `${name} was listed with a record that it never had (${note})`);
  }
  const found = new Set(keys);
  const kept = [...before].filter(([name, one]) => isShown(one, owedOnly) && !changes.has(name));
  for (const [name] of kept) assert.ok(found.has(name), `${name} was left out (${note})`);
}

function isShown(owner: OwnerWrite | undefined, owedOnly: boolean): boolean {
  return owner !== undefined && owner.record !== null && (owner.owed || !owedOnly);
}

function changeOf(random: Random): OwnerWrite {
  const i = Math.floor(random.next() * many * 2);
  const record = random.next() < 0.3 ? null : utf8(`changed ${random.next()}`);
  return { ...ownerOf(i), record, owed: random.next() < 0.5 };
}

async function writeMany(held: HeldFlow): Promise<void> {
  await held.write({ owners: numbers(many).map(ownerOf) });
}

function ownerOf(i: number): OwnerWrite {
  return { target: targetOne, key: keyOf(i), record: utf8(`r${i}`), owed: isOwed(i) };
}

function isOwed(i: number): boolean {
  return i % 2 === 0;
}

function keyOf(i: number): Uint8Array {
  return utf8(`docs/${String(i).padStart(8, "0")}`);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
