import type { Edit } from "../case.ts";
import type { NumberedEdit } from "./live-feed.ts";
import type { Incident, LiveRound } from "./live-round.ts";
import type { LiveWorld } from "./live-world.ts";

/** What happens at one time. */
export interface Happening {
  readonly at: number;
  happen(): void;
}

/** What incidents do to the process at work. */
export interface OnProcess {
  ask(incident: Extract<Incident, { kind: "ask" }>): void;
  stop(incident: Extract<Incident, { kind: "stop" }>): void;
  edited(): void;
}

/** All that happens in a round, in the order of time. */
export function timeline(round: LiveRound, world: LiveWorld, onProcess: OnProcess): readonly Happening[] {
  const all = round.incidents.flatMap((incident) => happeningsOf(incident, world, onProcess));
  return all.sort((a, b) => a.at - b.at);
}

function happeningsOf(incident: Incident, world: LiveWorld, onProcess: OnProcess): Happening[] {
  const { feed, skies, log } = world;
  const { at } = incident;
  switch (incident.kind) {
    case "weather":
      return [{ at, happen: () => skies.begin(incident) }];
    case "ask":
      return [{ at, happen: () => onProcess.ask(incident) }];
    case "stop":
      return [{ at, happen: () => onProcess.stop(incident) }];
    case "watcher": {
      const { source, does, forMs } = incident;
      const begin = () => {
        log.note(`THE WATCHER of ${source} ${does}`);
        feed.begin(source, does, forMs);
      };
      return [
        { at, happen: begin },
        { at: at + forMs, happen: () => feed.end(source, does) },
      ];
    }
    case "change": {
      const edits: NumberedEdit[] = [];
      const change = () => {
        for (const edit of incident.edits) edits.push(applied(edit, world, onProcess));
      };
      const told = incident.tellings.map((telling) => ({
        at: at + telling.afterMs,
        happen: () => feed.tell(telling, edits),
      }));
      return [{ at, happen: change }, ...told];
    }
  }
}

function applied(edit: Edit, { books, log }: LiveWorld, { edited }: OnProcess): NumberedEdit {
  books.apply(edit);
  edited();
  const key = "put" in edit ? edit.put : edit.remove;
  log.note(`EDIT ${JSON.stringify(edit)}`);
  return { edit, state: books.stateOf(edit.book, JSON.stringify(key)) };
}
