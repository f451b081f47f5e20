import type { CheckResult, Finding } from "../project/finding.ts";
import { readModuleTree, type SourceModule } from "../project/module-tree.ts";
import { publishedPackages, readManifest, sourceEntries } from "../project/package-manifest.ts";
import { isTestFile } from "../project/source-tree.ts";
import { judgeImport, type PackageFacts } from "./import-rules.ts";
import { layers, portFiles } from "./layers.ts";
import { placeOf } from "./place.ts";
import { findGlobalUses } from "./pure-globals.ts";
import { type FileEdge, findFileRings, findFolderRings, ringFindings } from "./ring-rules.ts";

/** Holds every file under `src` against the dependency table. */
export function findViolations(root: string): CheckResult {
  const tree = readModuleTree(root, "src");
  const modules = [...tree.modules.values()];
  const manifest = readManifest(root);
  const facts = {
    published: publishedPackages(manifest),
    entries: new Set(sourceEntries(manifest).values()),
  };
  const findings = modules.flatMap((module) => [...judgeModule(module, facts), ...judgeGlobals(module)]);
  const all = [...tree.findings, ...findings, ...judgeRings(modules, findings)];
  return { findings: [...all, ...stalePorts(tree.modules)], filesRead: modules.length };
}

function judgeModule(module: SourceModule, facts: PackageFacts): Finding[] {
  const file = module.path;
  const place = placeOf(file);
  if (place === null) {
    return [
      { rule: "unknown-folder", file, line: 1, message: "stands in no folder of the dependency table" },
    ];
  }
  return module.imports.flatMap((one) => {
    const complaint = judgeImport(module, place, one, facts);
    return complaint ? [{ ...complaint, file, line: one.line }] : [];
  });
}

function judgeGlobals(module: SourceModule): Finding[] {
  const place = placeOf(module.path);
  if (place === null || !layers[place.layer].pure || isTestFile(module.path)) return [];
  const wrapped = portFiles[module.path] ?? [];
  return findGlobalUses(module.tree)
    .filter(({ name }) => !wrapped.includes(name))
    .map(({ name, line }) => ({
      rule: "global",
      file: module.path,
      line,
      message: `${place.layer} reaches ${name} through a port of kernel only`,
    }));
}

/** An allowance that nothing needs any more would let the next use slip in. */
function stalePorts(modules: ReadonlyMap<string, SourceModule>): Finding[] {
  return Object.entries(portFiles).flatMap(([file, names]) => {
    const module = modules.get(file);
    const used = new Set(module ? findGlobalUses(module.tree).map(({ name }) => name) : []);
    return names
      .filter((name) => !used.has(name))
      .map((name) => ({ rule: "stale-port", file, line: 1, message: `does not wrap ${name} any more` }));
  });
}

/** A folder ring that a file ring or a refused import makes is reported once, as that. */
function judgeRings(modules: readonly SourceModule[], found: readonly Finding[]): Finding[] {
  const edges = modules.flatMap(edgesOf);
  const fileRings = findFileRings(edges);
  const ringOf = new Map(fileRings.flatMap((ring) => ring.map((file) => [file, ring] as const)));
  const refused = new Set(found.map(({ file, line }) => `${file}:${line}`));
  const rest = edges.filter(({ from, to, line }) => {
    const sameRing = ringOf.has(from) && ringOf.get(from) === ringOf.get(to);
    return !sameRing && !refused.has(`${from}:${line}`);
  });
  return [
    ...ringFindings("file-ring", fileRings, edges),
    ...ringFindings("folder-ring", findFolderRings(rest), rest),
  ];
}

function edgesOf(module: SourceModule): FileEdge[] {
  return module.imports.flatMap(({ target, line }) =>
    target.kind === "file" ? [{ from: module.path, to: target.path, line }] : [],
  );
}
