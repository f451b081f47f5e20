import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadEnvFile } from "node:process";
import { appDirectoryOf } from "../app/app-directory.ts";
import { configure } from "../app/settings.ts";
import { messageOf, SluiceError } from "../errors/index.ts";

export interface EnvironmentOptions {
  readonly appDir?: string;
  readonly envFile?: string;
}

/**
 * Settles where the app lives and brings its `.env` into the environment, before any code of the user's runs.
 * What is set already stays. Returns the app directory.
 */
export function loadEnvironment(options: EnvironmentOptions, flowFile: string | null): string {
  if (options.appDir !== undefined) {
    const directory = resolve(options.appDir);
    if (!existsSync(directory)) {
      throw new SluiceError("usage", `there is no directory ${options.appDir}`, {
        hint: "Name an existing directory with --app-dir.",
      });
    }
    configure({ appDirectory: directory });
  }
  const appDirectory = resolve(
    options.appDir ?? process.env.SLUICE_APP_DIR ?? appDirectoryOf(siteIn(flowFile)),
  );
  loadVariables(options.envFile ?? null, appDirectory);
  return appDirectory;
}

function loadVariables(envFile: string | null, appDirectory: string): void {
  const path = envFile === null ? join(appDirectory, ".env") : resolve(envFile);
  if (!existsSync(path)) {
    if (envFile === null) return;
    throw new SluiceError("usage", `there is no env file ${envFile}`, {
      hint: "Name an existing file with --env-file, or leave it out.",
    });
  }
  try {
    loadEnvFile(path);
  } catch (cause) {
    throw new SluiceError("settings-invalid", `the env file ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function siteIn(flowFile: string | null): {
  readonly file: string;
  readonly line: number;
  readonly column: number;
} {
  return { file: flowFile ?? join(process.cwd(), "flows.ts"), line: 1, column: 1 };
}
