import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import type { StateStore } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { type Random, systemRandom } from "../kernel/random.ts";
import { parseTimeSpan, type TimeSpan } from "../kernel/time-span.ts";

/** What `configure` takes. What is left out comes from the environment, then from `.env`, then from the default. */
export interface Configuration {
  /** What relative paths resolve against. `SLUICE_APP_DIR`; default: the directory of the nearest `package.json` above the flow's file. */
  readonly appDirectory?: string;
  /** Where the store lives. `SLUICE_STORE_DIR`; default: `.sluice` in the app directory. */
  readonly storeDirectory?: string;
  /** Separates environments that share a store. `SLUICE_APP_NAMESPACE`; default: none. */
  readonly appNamespace?: string;
  /** Rows in flight at once in this process. `SLUICE_MAX_INFLIGHT_ROWS`; default 1024. */
  readonly maxInflightRows?: number;
  /** Bytes of row values in flight at once in this process. `SLUICE_MAX_INFLIGHT_BYTES`; default 128 MiB. */
  readonly maxInflightBytes?: number;
  /** How long one call of a target may take. `SLUICE_MUTATE_TIMEOUT`; default 5 minutes. */
  readonly mutateTimeout?: TimeSpan;
  /** How long an update that is to stop waits for a call of a target that is under way. `SLUICE_STOP_TIMEOUT`; default 30 seconds. */
  readonly stopTimeout?: TimeSpan;
  /** How long a cached result that no row uses is kept. `SLUICE_MEMO_RETENTION`; default 7 days. */
  readonly memoRetention?: TimeSpan;
  /** A store to use in place of the one on disk, for tests. */
  readonly store?: StateStore;
  /** A clock to use in place of the machine's, for tests. */
  readonly clock?: Clock;
  /** Random numbers to use in place of the machine's, for tests. */
  readonly random?: Random;
}

/** Settings with every value known. */
export interface Settings {
  readonly appDirectory: string;
  readonly storeDirectory: string;
  readonly appNamespace: string;
  readonly maxInflightRows: number;
  readonly maxInflightBytes: number;
  readonly mutateTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly memoRetentionMs: number;
  readonly store: StateStore | null;
  readonly clock: Clock;
  readonly random: Random;
}

const place = Symbol.for("sluice.configuration");
const holder = globalThis as { [place]?: Configuration };

/** Shared by every copy of the package in a process: the command line configures what the flow file's copy works with. */
function configured(): Configuration {
  return holder[place] ?? {};
}

/**
 * Sets what code decides for this process; it wins over the environment and `.env`. Later calls add to earlier
 * ones; a value of undefined takes one back.
 *
 * @throws SluiceError `settings-invalid`, at the first use of a flow
 */
export function configure(
  configuration: { readonly [K in keyof Configuration]: Configuration[K] | undefined },
): void {
  const given = Object.entries({ ...configured(), ...configuration }).filter(
    ([, value]) => value !== undefined,
  );
  holder[place] = Object.fromEntries(given) as Configuration;
}

/** The settings of a flow that was defined under this directory. */
export function settingsFor(flowDirectory: string): Settings {
  const code = configured();
  const appDirectory = resolve(code.appDirectory ?? process.env.SLUICE_APP_DIR ?? flowDirectory);
  const read = reader(appDirectory);
  return {
    appDirectory,
    storeDirectory: resolve(appDirectory, code.storeDirectory ?? read("SLUICE_STORE_DIR") ?? ".sluice"),
    appNamespace: namespace(code.appNamespace ?? read("SLUICE_APP_NAMESPACE") ?? ""),
    maxInflightRows: count(
      "maxInflightRows",
      code.maxInflightRows ?? read("SLUICE_MAX_INFLIGHT_ROWS") ?? 1024,
    ),
    maxInflightBytes: count(
      "maxInflightBytes",
      code.maxInflightBytes ?? read("SLUICE_MAX_INFLIGHT_BYTES") ?? 2 ** 27,
    ),
    mutateTimeoutMs: span("mutateTimeout", code.mutateTimeout ?? read("SLUICE_MUTATE_TIMEOUT") ?? "5m"),
    stopTimeoutMs: span("stopTimeout", code.stopTimeout ?? read("SLUICE_STOP_TIMEOUT") ?? "30s"),
    memoRetentionMs: span("memoRetention", code.memoRetention ?? read("SLUICE_MEMO_RETENTION") ?? "7d"),
    store: code.store ?? null,
    clock: code.clock ?? systemClock,
    random: code.random ?? systemRandom,
  };
}

/** The environment first, then the `.env` of the app directory. */
function reader(appDirectory: string): (name: string) => string | undefined {
  let dotEnv: Readonly<Record<string, string | undefined>> | null = null;
  return (name) => {
    if (process.env[name] !== undefined) return process.env[name];
    dotEnv ??= readDotEnv(join(appDirectory, ".env"));
    return dotEnv[name];
  };
}

function readDotEnv(file: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

function namespace(value: string): string {
  if (value === "" || /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(value)) return value;
  throw invalid("appNamespace", value, "letters, digits, _ and -, at most 64");
}

function count(name: string, value: number | string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw invalid(name, value, "a whole number above 0");
}

function span(name: string, value: TimeSpan): number {
  const numeric = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  const ms = parseTimeSpan(numeric);
  if (ms !== null) return ms;
  throw invalid(name, value, 'milliseconds, or a time span such as "30s" or "5m"');
}

function invalid(name: string, value: unknown, wanted: string): SluiceError {
  return new SluiceError("settings-invalid", `the setting ${name} is ${JSON.stringify(value)}`, {
    hint: `It takes ${wanted}.`,
  });
}
