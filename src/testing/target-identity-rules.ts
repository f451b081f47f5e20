import { canonicalJson } from "../kernel/canonical-json.ts";
import { broken } from "./conformance-suite.ts";
import { isPlainJson } from "./plain-json.ts";
import { brief } from "./row-schema.ts";
import { copyOf, exportName } from "./target-backend.ts";
import type { TargetRules } from "./target-bench.ts";

/** What a target says of itself and of its backends, before anything is done. */
export const targetIdentityRules: TargetRules = {
  async "the target declares what the kit was told"(bench) {
    const { definition } = await bench.backend();
    const { capabilities, readBack, inspect } = definition;
    const told = {
      atomic: false,
      fenced: false,
      readBack: false,
      inspect: false,
      ...bench.options.capabilities,
    };
    const says = { ...capabilities, readBack: readBack !== null, inspect: inspect !== null };
    for (const name of ["atomic", "fenced", "readBack", "inspect"] as const) {
      if (told[name] === says[name]) continue;
      broken(`the target says ${brief(says[name])} of ${name}, and the kit was told ${brief(told[name])}`);
    }
  },

  async "the persistent key follows from spec and name alone"(bench) {
    const { definition, use, place, names } = await bench.backend();
    const again = await bench.options.target(place);
    const keys = [use, use, again].map(({ spec }) => definition.getPersistentKey(spec, exportName, names));
    const [first, ...others] = keys.map(canonicalJson);
    const other = others.find((key) => key !== first);
    if (other !== undefined) broken(`the same spec and name gave ${first} and then ${other}`);
  },

  async "backends that differ have persistent keys that differ"(bench) {
    const [one, other] = [await bench.backend(), await bench.backend()];
    const key = canonicalJson(one.persistentKey);
    if (key !== canonicalJson(other.persistentKey)) return;
    broken(`${one.place.name} and ${other.place.name} both have the persistent key ${key}`);
  },

  async "the persistent key is plain JSON"(bench) {
    const { persistentKey } = await bench.backend();
    if (!isPlainJson(persistentKey)) broken(`getPersistentKey returned ${brief(persistentKey)}`);
  },

  async "the setup state is plain JSON"(bench) {
    const state = (await bench.backend()).givenState();
    if (state === null) broken("setupState returned null, which means absent");
    if (!isPlainJson(state)) broken(`setupState returned ${brief(state)}`);
  },

  async "the setup state follows from its input alone"(bench) {
    const backend = await bench.backend();
    const [one, other] = [canonicalJson(backend.givenState()), canonicalJson(backend.givenState())];
    if (one !== other) broken(`the same input gave ${one} and then ${other}`);
  },

  async "equal states are unchanged"(bench) {
    const { definition, state } = await bench.backend();
    const [recorded, wanted] = [copyOf(state), copyOf(state)];
    const verdict = definition.compare(recorded, wanted);
    if (verdict !== "unchanged") broken(`compare called two equal states ${brief(verdict)}: ${brief(state)}`);
    const touched = [recorded, wanted].find((one) => canonicalJson(one) !== canonicalJson(state));
    if (touched) broken(`compare changed a state that it was given into ${brief(touched)}`);
  },

  async "a description says each backend in words of its own"(bench) {
    const [one, other] = [await bench.backend(), await bench.backend()];
    const [words, otherWords] = [one, other].map(({ definition, persistentKey }) =>
      definition.describe(copyOf(persistentKey)),
    );
    if (typeof words !== "string" || words.trim() === "" || words.includes("\n"))
      broken(`describe returned ${brief(words)}, where plans want one line of text`);
    if (words === otherWords) broken(`describe says ${brief(words)} of two backends`);
  },
};
