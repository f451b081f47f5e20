/**
 * The dependency table of ARCHITECTURE.md as data: what each folder of `src` may import. A change here is a
 * change of the architecture; say why in a decision page.
 */
export interface Layer {
  /** The layers that it may import beside itself. */
  readonly imports: readonly LayerName[];
  /** `hashing` is what {@link hashingBuiltins} lists. */
  readonly builtins: "none" | "hashing" | "all";
  /** The npm packages that it may import; `declared` is whatever package.json declares to users. */
  readonly packages: readonly string[] | "declared";
  /** Pure layers reach clock, random numbers, timers, console and network through ports of `kernel` only. */
  readonly pure: boolean;
  /** Its sub-folders are plugins: each stands alone and is entered through its entry points. */
  readonly plugins: boolean;
  /** May import a module whose name is only known when it runs, which is how a user's flow file is loaded. */
  readonly computedImports: boolean;
}

export type LayerName =
  | "kernel"
  | "errors"
  | "values"
  | "contracts"
  | "flow"
  | "plan"
  | "setup"
  | "engine"
  | "stores"
  | "connectors"
  | "functions"
  | "app"
  | "server"
  | "cli"
  | "testing"
  | "index.ts";

const contractsAndBelow = ["contracts", "values", "errors", "kernel"] as const;

const pureLayer = {
  builtins: "none",
  packages: [],
  pure: true,
  plugins: false,
  computedImports: false,
} as const;

const pluginLayer: Layer = {
  imports: contractsAndBelow,
  builtins: "all",
  packages: "declared",
  pure: false,
  plugins: true,
  computedImports: false,
};

const outerLayer = { ...pluginLayer, plugins: false } as const;

const appImports = ["engine", "setup", "plan", "flow", "stores", ...contractsAndBelow] as const;

export const layers: Readonly<Record<LayerName, Layer>> = {
  kernel: { ...pureLayer, imports: [] },
  errors: { ...pureLayer, imports: ["kernel"] },
  values: {
    ...pureLayer,
    imports: ["errors", "kernel"],
    builtins: "hashing",
    packages: ["zod", "msgpackr"],
  },
  contracts: { ...pureLayer, imports: ["values", "errors", "kernel"], packages: ["zod"] },
  flow: { ...pureLayer, imports: contractsAndBelow, packages: ["zod"] },
  plan: { ...pureLayer, imports: ["flow", ...contractsAndBelow] },
  setup: { ...pureLayer, imports: ["plan", ...contractsAndBelow] },
  engine: { ...pureLayer, imports: ["plan", ...contractsAndBelow] },
  stores: pluginLayer,
  connectors: pluginLayer,
  functions: pluginLayer,
  // jiti loads the user's TypeScript, yaml is what `evaluate` writes; the others bound the calls of functions.
  app: {
    ...outerLayer,
    imports: appImports,
    packages: ["jiti", "p-retry", "p-timeout", "yaml", "zod"],
    computedImports: true,
  },
  server: { ...outerLayer, imports: ["app", ...contractsAndBelow] },
  cli: { ...outerLayer, imports: ["server", "app", "errors", "kernel"], computedImports: true },
  testing: {
    ...outerLayer,
    imports: ["app", "stores", ...contractsAndBelow],
    packages: ["zod", "fast-check"],
    // A child process is told which module opens the store that is tested.
    computedImports: true,
  },
  // The public entry re-exports, so it sees what the composition root sees, and no package.
  "index.ts": { ...outerLayer, imports: ["app", ...appImports], builtins: "none", packages: [] },
};

/** Packages that only one folder of a layer may import. */
export const folderPackages: Readonly<Record<string, readonly string[]>> = {
  // The digest of a function's code reads source files and their maps.
  "src/app/code": ["@babel/parser", "@jridgewell/trace-mapping"],
};

/** What plugins may import of their siblings: embedding and extraction share their model clients. */
export const sharedPlugins: readonly string[] = ["src/functions/models"];

/** What "hashing only" means: functions of bytes that have no effect and draw no random number. */
export const hashingBuiltins: Readonly<Record<string, readonly string[]>> = {
  "node:crypto": ["hash", "createHash"],
  "node:zlib": ["crc32"],
};

/** The files that implement the ports, and the globals that each is there to wrap. */
export const portFiles: Readonly<Record<string, readonly string[]>> = {
  "src/kernel/clock.ts": ["Date", "performance", "setTimeout", "setImmediate"],
  "src/kernel/environment.ts": ["process"],
  "src/kernel/random.ts": ["Math.random"],
};
