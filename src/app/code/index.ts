import type { CodeDigest, FunctionCode } from "../../contracts/code-digest.ts";
import type { FunctionDefinition } from "../../contracts/function.ts";
import { fingerprint } from "../../values/fingerprint.ts";
import { openCallSite } from "./call-site-source.ts";
import { canonicalData } from "./deps-digest.ts";
import { Linker } from "./link.ts";
import { locateDefinition } from "./locate-definition.ts";
import { ModuleStore } from "./module-store.ts";
import { type Reached, reach } from "./reach.ts";
import { nameUntraceable, Untraceable } from "./untraceable.ts";

/**
 * Digests the source code of functions, as it was written: before any compiler, bundler or loader.
 *
 * Counted are `run`, `runBatch` and `prepare`, every declaration of the user's own modules that they reach,
 * the module-level code that changes what they reach, name and version of packages that they reach, JSON and
 * other files that they import, and the values of `deps`. Not counted are comments, formatting, types, schemas,
 * where a declaration stands, and the version of Sluice.
 */
export function createCodeDigest(): CodeDigest {
  // A definition was loaded from the code of its time, whatever is on disk later.
  const known = new WeakMap<FunctionDefinition, FunctionCode>();
  return {
    of(definition) {
      const before = known.get(definition);
      if (before) return before;
      const code = nameUntraceable(definition.name, () => digestOf(definition));
      known.set(definition, code);
      return code;
    },
  };
}

function digestOf(definition: FunctionDefinition): FunctionCode {
  if (!definition.callSite) throw new Untraceable("it was not defined in a file");
  const deps = definition.deps ?? {};
  const depsText = canonicalData(deps);
  const found = reachableCode(definition, Object.keys(deps));
  return {
    fingerprint: fingerprint(`${found.text}\n${found.packages.join(" ")}\n${depsText}`),
    packages: found.packages,
  };
}

function reachableCode(definition: FunctionDefinition, deps: readonly string[]): Reached {
  const { files, positions } = openCallSite(definition.callSite!, definition.name);
  const store = new ModuleStore();
  const modules = files.map((file) => store.open(file));
  const located = locateDefinition(definition, modules, positions);
  const [first, ...others] = located.map((roots) =>
    reach(new Linker(store, roots.module), { ...roots, deps }),
  );
  if (!first) throw new Untraceable("no definition was found");
  if (others.some(({ text }) => text !== first.text)) {
    const path = located[0]?.module.path;
    throw new Untraceable(`${path} has several functions of that name, and which one runs cannot be told`, {
      advice: "give them different names",
    });
  }
  return first;
}
