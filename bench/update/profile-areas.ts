/** What Node writes with `--cpu-prof`, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** In microseconds. */
  readonly timeDeltas: readonly number[];
}

export interface AreaTime {
  readonly area: string;
  readonly ms: number;
}

type Frame = CpuProfile["nodes"][number]["callFrame"];

/** Functions of the system and of OpenSSL have no file. */
const fileCalls = new Set(
  "open close read lstat stat fstat readdir realpath openFileHandle writeString writeBuffer rename unlink fsync".split(
    " ",
  ),
);

/** Each takes what none before it takes. */
const areas: readonly (readonly [area: string, takes: (frame: Frame) => boolean])[] = [
  ["garbage collection", ({ functionName }) => functionName === "(garbage collector)"],
  [
    "loading modules",
    ({ url, functionName }) =>
      /^node:internal\/(modules|bootstrap|main|url)/.test(url) || /^compile|^wrapSafe$/.test(functionName),
  ],
  [
    "files of the source",
    ({ url, functionName }) =>
      /^node:(internal\/)?fs/.test(url) ||
      url.includes("/dist/connectors/") ||
      (url === "" && fileCalls.has(functionName)),
  ],
  ["digests and checksums", ({ url }) => /^node:(internal\/crypto|zlib)/.test(url)],
  [
    "transactions of the store",
    ({ url, functionName }) => url.includes("/lmdb/") && functionName === "finishTxn",
  ],
  ["other work of the store", ({ url }) => url.includes("/lmdb/") || url.endsWith("/shared/lmdb.js")],
  ["parsing code for its digest", ({ url }) => url.includes("/@babel/") || url.includes("/trace-mapping/")],
  ["schemas", ({ url }) => url.includes("/node_modules/zod/")],
  ["the flow's functions and its target", ({ url }) => url.includes("/bench/dist/")],
  ["the engine", ({ url }) => url.includes("/dist/")],
  ["other of Node", () => true],
];

/** Where the time of a process went, by what it was for; the time in which it waited is left out. */
export function areaTimes({ nodes, samples, timeDeltas }: CpuProfile): AreaTime[] {
  const areaOf = new Map(nodes.map(({ id, callFrame }) => [id, areaOfFrame(callFrame)]));
  const times = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const area = areaOf.get(id) ?? null;
    if (area !== null) times.set(area, (times.get(area) ?? 0) + timeDeltas[i]! / 1_000);
  }
  return areas.flatMap(([area]) => (times.has(area) ? [{ area, ms: times.get(area)! }] : []));
}

/** Null where nothing is done. */
function areaOfFrame(frame: Frame): string | null {
  if (frame.functionName === "(idle)") return null;
  return areas.find(([, takes]) => takes(frame))![0];
}
