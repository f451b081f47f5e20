import type { Finding } from "../project/finding.ts";
import type { ResolvedImport, SourceModule } from "../project/module-tree.ts";
import { isTestFile } from "../project/source-tree.ts";
import { folderPackages, hashingBuiltins, layers, sharedPlugins } from "./layers.ts";
import { gathersPlugins, type Place, placeOf, reachableLayers } from "./place.ts";

/** What the rules know of the package beside the sources. */
export interface PackageFacts {
  /** What users have installed: dependencies and peers. */
  readonly published: ReadonlySet<string>;
  /** Plugin files that package.json exports, beside each plugin's index.ts. */
  readonly entries: ReadonlySet<string>;
}

type Complaint = Pick<Finding, "rule" | "message">;

/** What the table has against one import; null when nothing. */
export function judgeImport(
  module: SourceModule,
  place: Place,
  one: ResolvedImport,
  facts: PackageFacts,
): Complaint | null {
  const test = isTestFile(module.path);
  switch (one.target.kind) {
    case "nothing":
      return judgeUnresolved(place, one, test);
    case "builtin":
      return test ? null : judgeBuiltin(place, one, one.target.name);
    case "package":
      return test ? null : judgePackage(module.path, place, one.target.name, facts);
    case "file":
      return judgeFile(place, one.target.path, facts, test);
  }
}

function judgeUnresolved(place: Place, one: ResolvedImport, test: boolean): Complaint | null {
  if (one.specifier !== null)
    return { rule: "unresolved", message: `import of ${one.specifier} leads nowhere` };
  if (test || layers[place.layer].computedImports) return null;
  return { rule: "computed-import", message: `${place.layer} may not import what is only known at run time` };
}

function judgeBuiltin(place: Place, one: ResolvedImport, name: string): Complaint | null {
  const policy = layers[place.layer].builtins;
  if (policy === "all") return null;
  const allowed = policy === "hashing" ? hashingBuiltins[name] : undefined;
  if (allowed && one.names?.every((taken) => allowed.includes(taken))) return null;
  const what = allowed ? `of ${name} only ${allowed.join(", ")}` : `not ${name}`;
  return { rule: "builtin", message: `${place.layer} may import ${what}` };
}

function judgePackage(path: string, place: Place, name: string, facts: PackageFacts): Complaint | null {
  const listed = layers[place.layer].packages;
  if (listed !== "declared" && !listed.includes(name) && !allowedInFolder(path, name)) {
    return { rule: "package", message: `${place.layer} may not import the package ${name}` };
  }
  if (facts.published.has(name)) return null;
  return { rule: "undeclared", message: `${name} is neither a dependency nor a peer dependency` };
}

function allowedInFolder(path: string, name: string): boolean {
  return Object.entries(folderPackages).some(
    ([folder, names]) => path.startsWith(`${folder}/`) && names.includes(name),
  );
}

function judgeFile(place: Place, path: string, facts: PackageFacts, test: boolean): Complaint | null {
  if (!path.startsWith("src/")) {
    return test
      ? null
      : { rule: "layer", message: `${place.home} may not import ${path}, which is for tests` };
  }
  const target = placeOf(path);
  // The file itself is reported as standing outside the table.
  if (target === null || target.home === place.home) return null;
  if (!mayImport(place, target, test)) {
    return { rule: "layer", message: `${place.home} may not import ${target.home}` };
  }
  const plugin = layers[target.layer].plugins;
  if (!plugin || path === `${target.home}/index.ts` || facts.entries.has(path)) return null;
  return { rule: "deep-import", message: `${target.home} is entered through its index.ts, not ${path}` };
}

/** Tests may use anything in or below their own layer, and the published test kit. */
function mayImport(from: Place, to: Place, test: boolean): boolean {
  if (from.layer === to.layer) return sharedPlugins.includes(to.home) || gathersPlugins(from);
  if (layers[from.layer].imports.includes(to.layer)) return true;
  return test && (to.layer === "testing" || reachableLayers(from.layer).has(to.layer));
}
