import type { ArchiveConfig } from "./archive.ts";
import { overhearing, retelling, rewatching, type WrongSource } from "./wrong-source.ts";

/** For each rule that is about how watchers live and end. */
export const wrongEndings: readonly WrongSource[] = [
  {
    rule: "an aborted watcher ends",
    seen: /a watcher that was aborted threw, where it should end: the line went dead/,
    faults: ({ watch }) => ({
      watch: async function* (reader, options) {
        yield* watch(reader, options);
        throw new Error("the line went dead");
      },
    }),
  },
  {
    rule: "an aborted watcher ends",
    seen: /a watcher that was aborted did not end within 300 ms/,
    // It looks for what is new for ever.
    faults: ({ watch }) => ({
      watch: async function* (reader, options) {
        yield* watch(reader, options);
        for (;;) yield [];
      },
    }),
  },
  {
    rule: "a watcher that is aborted before it listens ends",
    seen: /a watcher that was aborted did not end within 300 ms/,
    faults: ({ watch }) => ({
      watch: async function* (reader, options) {
        // An event of a signal that has aborted comes no more.
        if (options.signal.aborted) await new Promise(() => {});
        yield* watch(reader, options);
      },
    }),
  },
  {
    rule: "a watcher that has ended calls nothing any more",
    seen: /a watcher had ended, and then called `alive`/,
    faults: overhearing((_note, { alive }) => alive()),
  },
  {
    rule: "an aborted watcher leaves nothing open",
    seen: /300 ms after the last watcher ended the process has \d more of Timeout than before/,
    faults: ({ watch, close }) => {
      const timers: NodeJS.Timeout[] = [];
      return {
        watch: (reader, options) => {
          timers.push(setInterval(() => {}, 60_000));
          return watch(reader, options);
        },
        close: (reader) => {
          for (const timer of timers) clearInterval(timer);
          return close(reader);
        },
      };
    },
  },
  {
    rule: "a source can be watched again after a watcher was aborted",
    seen: /the watcher did not call `armed`: it ended by itself/,
    faults: ({ watch }) => {
      let changes: ReturnType<Required<ArchiveConfig>["watch"]> | null = null;
      return {
        watch: (reader, options) => {
          changes ??= watch(reader, options);
          return changes;
        },
      };
    },
  },
  {
    rule: "two watchers of one source are told of every change",
    seen: /no change told the key .*row-0.*, while two watchers listened,/,
    faults: ({ watch }) => {
      let last: object | null = null;
      return {
        watch: async function* (reader, options) {
          last = options;
          for await (const page of watch(reader, options)) yield last === options ? page : [];
        },
      };
    },
  },
  {
    rule: "two watchers of one source are told of every change",
    seen: /no change told the key .*row-2.*, after the other of two watchers was aborted,/,
    faults: ({ watch }) => {
      let isOver = false;
      return {
        watch: async function* (reader, options) {
          options.signal.addEventListener("abort", () => {
            isOver = true;
          });
          for await (const page of watch(reader, options)) yield isOver ? [] : page;
        },
      };
    },
  },
  {
    rule: "a watcher gives signs of life while nothing changes",
    seen: /the watcher gave no sign of life within 400 ms/,
    faults: rewatching(() => ({ alive() {} })),
  },
  {
    rule: "changes can be acknowledged in any order",
    seen: /the acknowledgement of a change of \{ id: 'row-\d' \} threw: .* comes first/,
    faults: (...given) => {
      const queue: string[] = [];
      return retelling((page) =>
        page.map((change) => {
          const { id } = change.key;
          queue.push(id);
          const acknowledge = () => {
            if (queue[0] !== id) throw new Error(`${queue[0]} comes first`);
            queue.shift();
          };
          return { ...change, acknowledge };
        }),
      )(...given);
    },
  },
  {
    rule: "a change that was not acknowledged is told again",
    seen: /no change told the key .*row-0.*, whose change was told before and not acknowledged,/,
    // What was told counts as done.
    faults: retelling((page) =>
      page.map((change) => {
        void change.acknowledge!();
        return change;
      }),
    ),
  },
  {
    rule: "a change that was not acknowledged is told again",
    seen: /no change told the key .*row-0.*, whose change was told before the source was closed and not/,
    faults: (honest, archive) => ({
      close: (reader) => {
        archive.unacknowledged.clear();
        return honest.close(reader);
      },
    }),
  },
  {
    rule: "a change that was not acknowledged is told again",
    seen: /a change told the key \{ id: 'row-0' \}, and nothing to acknowledge it with/,
    faults: retelling((page) => page.map(({ acknowledge, ...change }) => change)),
  },
  {
    rule: "a change that was acknowledged is not told again",
    seen: /the change of .*row-0.* was acknowledged, and told again/,
    faults: retelling((page) => page.map((change) => ({ ...change, acknowledge() {} }))),
  },
];
