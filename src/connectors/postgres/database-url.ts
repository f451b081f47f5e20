import { SluiceError } from "../../errors/index.ts";

const place = Symbol.for("sluice.postgres-urls");
const mask = "***";
const secretParameter = /pass|secret|token/i;

/**
 * A database URL without what nobody should read: `***` stands in place of its password and of parameters that are
 * secret. What it stands for is remembered by this process alone.
 *
 * @throws SluiceError `spec-invalid`, without the text, which may hold a password in any of its parts
 */
export function stripUrl(text: string): string {
  const url = parseUrl(text);
  if (url.password !== "") url.password = mask;
  for (const name of new Set(url.searchParams.keys()))
    if (secretParameter.test(name)) url.searchParams.set(name, mask);
  const stripped = url.href;
  knownUrls().set(stripped, text);
  return stripped;
}

/** @throws SluiceError `connection-missing`, where a password is needed that this process was not told */
export function urlOf(stripped: string): string {
  const known = knownUrls().get(stripped);
  if (known !== undefined) return known;
  if (!stripped.includes(mask)) return stripped;
  throw new SluiceError("connection-missing", `the password of ${stripped} is not known`, {
    hint: 'It is kept nowhere but in the flow file. Say connection: env("DATABASE_URL") to reconnect without it.',
  });
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw unreadable("it is no URL");
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:")
    throw unreadable("it does not begin with postgres:// or postgresql://");
  // A password with one of these ends up in another part of the URL, which would be shown.
  if (url.hash !== "" || /@/.test(url.pathname + url.search))
    throw unreadable("it has #, or an @ after the host");
  return url;
}

function unreadable(why: string): SluiceError {
  return new SluiceError("spec-invalid", `the database URL cannot be read: ${why}`, {
    hint: "Write postgres://user:password@host:5432/database, with special characters of the password percent-encoded (# as %23, / as %2F, @ as %40).",
  });
}

/** Shared by every copy of the package in a process, since a flow file and its runner may each load one. */
function knownUrls(): Map<string, string> {
  const holder = globalThis as { [place]?: Map<string, string> };
  holder[place] ??= new Map();
  return holder[place];
}
