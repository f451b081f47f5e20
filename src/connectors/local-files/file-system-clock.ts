import { randomUUID } from "node:crypto";
import { type BigIntStats, closeSync, fstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import type { ChangeDetection } from "./file-version.ts";

/** What a file's times are compared with: the time now, as the file system would stamp it on a file. */
export interface Stamp {
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** An unnamed file whose stamps tell the time of the file system that it is on. */
interface Probe {
  readonly descriptor: number;
  readonly device: bigint;
  stamp: Stamp;
  /** On our monotonic clock, in milliseconds. */
  takenAt: number;
}

const secondNs = 1_000_000_000n;
/** File systems that stamp whole seconds: FAT counts in steps of two. */
const coarseNs = 2n * secondNs;
/** Others stamp with the kernel's tick, 1 to 10 ms, or finer. */
const tickNs = 10_000_000n;
/** Without a probe: how far the clock of a file server may lag behind ours. */
const unprobedNs = 60n * secondNs;
/** What is further ahead of a stamp was not written since it was taken: more than `staleMs` and two coarse steps. */
const aheadNs = 6n * secondNs;
/** A younger stamp serves for a file that looks fresh. */
const freshMs = 5;
/** An older stamp serves for no file, in case that the clock was set back. */
const staleMs = 1_000;

/**
 * Tells whether the next write to a file is sure to change its times.
 *
 * Two writes within one step of a file system's clock leave the same times, so a version observed within the
 * step of the last write does not tell the second from the first. A file is settled when the clock of its file
 * system has moved past its times by more than a step before it is read: every later write then stamps a
 * later time.
 *
 * That clock is read by writing a byte to an unnamed probe file and looking at its stamp. The probe lies in the
 * first of the given directories that is on the same device, never in the directory of the source. A stamp is a
 * lower bound of the time for as long as the clock is not set back, so one a second is enough for files that
 * were last touched before it; only fresher ones ask for a new stamp, at most one every 5 ms (one costs 4 µs).
 * Where no directory is on the device (another volume, a network mount), our own clock is used: the times must
 * then lie more than a minute back, and times to come are never settled.
 */
export class FileSystemClock {
  readonly #clock: Clock;
  readonly #directories: string[];
  readonly #opened: Probe[] = [];
  readonly #byDevice = new Map<bigint, Probe | null>();

  constructor(clock: Clock, probeDirectories: readonly string[]) {
    this.#clock = clock;
    this.#directories = [...probeDirectories];
  }

  /** To be asked before the read begins, of what was observed before. */
  isSettled(stats: BigIntStats, changeDetection: ChangeDetection): boolean {
    const probe = this.#probeOn(stats.dev);
    if (probe === null) return this.#isLongAgo(stats, changeDetection);
    this.#refresh(probe, staleMs);
    if (isPast(stats, probe.stamp, changeDetection)) return true;
    return this.#refresh(probe, freshMs) && isPast(stats, probe.stamp, changeDetection);
  }

  close(): void {
    for (const probe of this.#opened.splice(0)) closeSync(probe.descriptor);
    this.#byDevice.clear();
  }

  #isLongAgo(stats: BigIntStats, changeDetection: ChangeDetection): boolean {
    const latest = BigInt(Math.floor(this.#clock.now())) * 1_000_000n - unprobedNs;
    return stats.mtimeNs < latest && (changeDetection !== "strict" || stats.ctimeNs < latest);
  }

  #refresh(probe: Probe, olderThanMs: number): boolean {
    const now = this.#clock.monotonic();
    if (now - probe.takenAt < olderThanMs) return false;
    probe.stamp = takeStamp(probe.descriptor);
    probe.takenAt = now;
    return true;
  }

  #probeOn(device: bigint): Probe | null {
    const known = this.#byDevice.get(device);
    if (known !== undefined) return known;
    const probe = this.#opened.find((opened) => opened.device === device) ?? this.#openOn(device);
    this.#byDevice.set(device, probe);
    return probe;
  }

  #openOn(device: bigint): Probe | null {
    for (let directory = this.#directories.shift(); directory; directory = this.#directories.shift()) {
      const probe = openProbe(directory, this.#clock.monotonic());
      if (probe === null) continue;
      this.#opened.push(probe);
      if (probe.device === device) return probe;
    }
    return null;
  }
}

/** A probe in the directory; null where it is missing or not writable. It has a name only for a moment. */
function openProbe(directory: string, takenAt: number): Probe | null {
  const path = join(directory, `clock-${randomUUID()}`);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    const device = fstatSync(descriptor, { bigint: true }).dev;
    return { descriptor, device, stamp: takeStamp(descriptor), takenAt };
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return null;
  }
}

const oneByte = new Uint8Array(1);

function takeStamp(descriptor: number): Stamp {
  writeSync(descriptor, oneByte, 0, 1, 0);
  return fstatSync(descriptor, { bigint: true });
}

/**
 * Whether a file with these times, written to at the stamp or later, is sure to get others.
 *
 * Strict: the change time must lie before the stamp. A modification time can be set to anything, so it may
 * also lie ahead of the stamp, if too far for a write to have stamped it. The latter is all that `sizeMtime` has.
 */
export function isPast(stats: Stamp, now: Stamp, changeDetection: ChangeDetection): boolean {
  const sinceMtime = now.mtimeNs - stats.mtimeNs;
  const mtimeStep = stepOf(now.mtimeNs, stats.mtimeNs);
  if (sinceMtime <= mtimeStep && -sinceMtime <= aheadNs) return false;
  if (changeDetection !== "strict") return true;
  return now.ctimeNs - stats.ctimeNs > stepOf(now.ctimeNs, stats.ctimeNs);
}

/** The step of the clock that made both, judged by their digits. */
function stepOf(a: bigint, b: bigint): bigint {
  return a % secondNs === 0n && b % secondNs === 0n ? coarseNs : tickNs;
}
