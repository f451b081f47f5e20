/** A variable of the process's environment, as the pure layers see it; undefined where it is not set. */
export function environmentVariable(name: string): string | undefined {
  return process.env[name];
}
