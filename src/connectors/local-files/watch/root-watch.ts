import type { WatchOptions } from "../../../contracts/source.ts";
import { isSluiceError, messageOf, SluiceError } from "../../../errors/index.ts";
import { Alarm } from "../../../kernel/alarm.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { inSlices } from "../in-slices.ts";
import type { PathFilter } from "../patterns.ts";
import {
  isOneRoot,
  isSameRoot,
  openRoot,
  type RealRoot,
  type SourceRoot,
  systemCode,
} from "../source-root.ts";
import type { ChangeQueue } from "./change-queue.ts";
import { ListedDirectories, type ListingObserver } from "./listed-directories.ts";
import { overflowGuard } from "./queue-overflow.ts";
import { Ration } from "./ration.ts";
import { Recurring } from "./recurring.ts";
import { WatchOpener } from "./watch-opener.ts";
import { type Steps, type TreeListener, WatchTree } from "./watch-tree.ts";

export interface RootWatchRequest {
  readonly root: SourceRoot;
  readonly filter: PathFilter;
  readonly clock: Clock;
  /** Whether one watch of the system covers all that is below a directory. */
  readonly recursive: boolean;
  /** What rows can be read from: the root when it was listed last; null before. */
  lastListed(): RealRoot | null;
  /** Whom listings tell of themselves. */
  readonly listingObservers: Set<ListingObserver>;
  readonly options: WatchOptions;
}

/** So soon is noticed that the root has gone, come back, or is another directory now. */
const rootEveryMs = 1_000;
const signOfLifeEveryMs = 10_000;
/** Watches that were refused are asked for again this often. */
const refusedEveryMs = 30_000;
/** Nobody knows whether every change was hinted at, so that everything is listed this often all the same. */
const listingEveryMs = 300_000;
/** Following links, making the tree anew, and listings that are in doubt each take one part in so many of the time at most. */
const rationParts = 20;

/**
 * Keeps the tree of a root watched, whatever becomes of the root, and puts files that may have changed in a queue.
 *
 * Where the tree may have grown wrong it is made anew beside the old one, and the source listed: that is cheaper
 * than to find out what was missed, and right. While there is no root there is no tree.
 */
export class RootWatch {
  readonly #request: RootWatchRequest;
  readonly #queue: ChangeQueue;
  readonly #alarm: Alarm;
  readonly #root: Recurring;
  readonly #signOfLife: Recurring;
  readonly #refused: Recurring;
  readonly #listing: Recurring;
  readonly #renewals: Ration;
  readonly #followings: Ration;
  readonly #listings: Ration;
  readonly #listed: ListedDirectories;
  #tree: WatchTree | null = null;
  #opener: WatchOpener = new WatchOpener();
  /** What was said last of watches that were refused. */
  #shortage: SluiceError | null = null;
  #rootInDoubt = false;
  /** How long the listing took that may have seen what the tree does not know; null where none is in doubt. */
  #listingInDoubtMs: number | null = null;
  /** Why the tree may have grown wrong. */
  #doubt: string | null = null;
  #failure: { readonly reason: unknown } | null = null;

  constructor(request: RootWatchRequest, queue: ChangeQueue) {
    const { clock } = request;
    this.#request = request;
    this.#queue = queue;
    this.#alarm = new Alarm(clock);
    this.#root = new Recurring(clock, rootEveryMs);
    this.#signOfLife = new Recurring(clock, signOfLifeEveryMs);
    this.#refused = new Recurring(clock, refusedEveryMs);
    this.#listing = new Recurring(clock, listingEveryMs);
    this.#renewals = new Ration(clock, rationParts);
    this.#followings = new Ration(clock, rationParts);
    this.#listings = new Ration(clock, rationParts);
    this.#listed = new ListedDirectories(clock, () => this.#alarm.ring());
  }

  /** Until the signal aborts, whose reason it then throws, or a watch of the system ends. */
  async tend(signal: AbortSignal): Promise<void> {
    const forget = overflowGuard().listen(() =>
      this.#doubtTree("more changes came at once than the system may have room for"),
    );
    try {
      await this.#arm(signal);
      this.#tellShortage();
      this.#request.listingObservers.add(this.#listed);
      this.#request.options.armed();
      for (;;) {
        await this.#alarm.wait(this.#dueInMs(), signal);
        const listing = this.#listed.over;
        // The hint that woke us up is one of many, most often.
        await this.#request.clock.idle();
        // All hints at what befell before the listing's end have come after a whole turn of the event loop.
        if (listing !== null) await this.#request.clock.idle();
        await this.#work(signal);
        if (listing !== null) this.#judgeListing(listing);
      }
    } finally {
      forget();
      this.#request.listingObservers.delete(this.#listed);
      this.#tree?.close();
    }
  }

  /**
   * Whether what was told can be read: not while there is another root than was listed last, or none. A listing
   * comes then that makes up for it.
   */
  isReadable(): boolean {
    const { root, lastListed } = this.#request;
    const listed = lastListed();
    if (this.#tree === null || (listed !== null && !isOneRoot(root, listed, this.#tree.root))) return false;
    if (isSameRoot(root, this.#tree.root)) return true;
    this.#doubtRoot("the directory was away");
    return false;
  }

  async #work(signal: AbortSignal): Promise<void> {
    this.#stayAlive();
    if (this.#root.take() || this.#rootInDoubt) await this.#checkRoot(signal);
    if (this.#listing.take()) await this.#renew(null, signal);
    if (this.#listingInDoubtMs !== null && this.#listings.dueInMs === 0)
      this.#listAgain(this.#listingInDoubtMs);
    if (this.#doubt !== null && this.#renewals.dueInMs === 0) await this.#renew(this.#doubt, signal);
    if (this.#shortage !== null && this.#refused.take() && !this.#opener.isStillRefused())
      await this.#renew("directories can be watched that could not", signal);
    const tree = this.#tree;
    if (tree === null) return;
    await this.#run(tree.settle(), signal);
    if (tree.linksMayHaveMoved && this.#followings.dueInMs === 0)
      await this.#followings.spend(() => this.#run(tree.followLinks(), signal));
    this.#tellShortage();
  }

  #dueInMs(): number {
    const due: { readonly dueInMs: number }[] = [this.#root, this.#signOfLife, this.#listing];
    if (this.#shortage !== null) due.push(this.#refused);
    if (this.#doubt !== null) due.push(this.#renewals);
    if (this.#listingInDoubtMs !== null) due.push(this.#listings);
    if (this.#tree?.linksMayHaveMoved) due.push(this.#followings);
    return Math.min(...due.map(({ dueInMs }) => dueInMs));
  }

  /** Throws where it does not. */
  #stayAlive(): void {
    if (this.#failure !== null) throw this.#failure.reason;
    if (!this.#signOfLife.take()) return;
    const dead = this.#tree?.findDead() ?? null;
    if (dead !== null) throw this.#ended(`the handle of ${JSON.stringify(dead)} is gone`);
    this.#request.options.alive();
  }

  async #checkRoot(signal: AbortSignal): Promise<void> {
    const tree = this.#tree;
    this.#rootInDoubt = false;
    if (tree !== null && isSameRoot(this.#request.root, tree.root)) return;
    const reason = tree === null ? "the directory is there" : "another directory is in its place";
    if (await this.#arm(signal)) this.#request.options.missed(reason);
    else if (tree !== null) this.#lose();
  }

  /** Makes the tree anew, and has the source listed. */
  async #renew(reason: string | null, signal: AbortSignal): Promise<void> {
    let isArmed = false;
    await this.#renewals.spend(async () => {
      isArmed = await this.#arm(signal);
    });
    if (isArmed || this.#tree === null) this.#request.options.missed(reason);
    else this.#doubtRoot(reason ?? "it cannot be watched anew");
  }

  /** A listing that has begun since makes up for what the one before may have seen. */
  #judgeListing(listing: object): void {
    if (this.#listed.over === listing) this.#listingInDoubtMs = this.#listed.judge();
  }

  #listAgain(tookMs: number): void {
    this.#listingInDoubtMs = null;
    this.#listings.spent(tookMs);
    this.#request.options.missed("directories came or went while they were listed");
  }

  #lose(): void {
    this.#tree?.close();
    this.#tree = null;
    this.#doubt = null;
    this.#request.options.missed("the directory went away");
  }

  /** Watches the root that is there now, in the place of what was watched. False where there is none. */
  async #arm(signal: AbortSignal): Promise<boolean> {
    const opener = new WatchOpener();
    let tree: WatchTree | null = null;
    this.#doubt = null;
    try {
      const { filter, recursive } = this.#request;
      const root = openRoot(this.#request.root);
      tree = new WatchTree({ root, filter, opener, recursive, listener: this.#listener });
      await this.#run(tree.arm(), signal);
    } catch (error) {
      tree?.close();
      signal.throwIfAborted();
      if (isAbsence(error)) return false;
      throw error;
    }
    this.#tree?.close();
    this.#tree = tree;
    this.#opener = opener;
    return true;
  }

  readonly #listener: TreeListener = {
    tell: (path) => this.#queue.touch(path),
    hinted: () => this.#alarm.ring(),
    looked: (path) => this.#listed.lookedAt(path),
    rootHinted: () => this.#doubtRoot("something befell the directory itself"),
    lost: () => this.#doubtTree("the system dropped changes"),
    failed: (reason) => {
      this.#failure = { reason: this.#ended(messageOf(reason), reason) };
      this.#alarm.ring();
    },
  };

  #doubtRoot(reason: string): void {
    this.#rootInDoubt = true;
    this.#doubtTree(reason);
  }

  #doubtTree(reason: string): void {
    this.#doubt = reason;
    this.#alarm.ring();
  }

  /** With turns of the event loop between slices, and signs of life. */
  async #run(steps: Steps, signal: AbortSignal): Promise<void> {
    for await (const _ of inSlices(steps, { clock: this.#request.clock, signal })) this.#stayAlive();
  }

  #tellShortage(): void {
    const shortage = this.#opener.describeShortage(this.#request.root);
    if ((shortage === null) === (this.#shortage === null)) return;
    this.#shortage = shortage;
    this.#request.options.degraded(shortage);
  }

  #ended(why: string, cause?: unknown): SluiceError {
    return new SluiceError(
      "watch-failed",
      `the watch of ${JSON.stringify(this.#request.root.given)} ended: ${why}`,
      { cause },
    );
  }
}

/** Whether an error says that there is no directory to be watched, which a listing reports. */
function isAbsence(error: unknown): boolean {
  return isSluiceError(error) ? error.code === "listing-failed" : systemCode(error) !== undefined;
}
