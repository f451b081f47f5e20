import { describeEdit, describeFlow, describeWorld } from "../describe-case.ts";
import type { Incident, LiveRound, Telling } from "./live-round.ts";

/** A round for people: what flow, how it is followed, what happens. */
export function describeRound({ simulated, first, following, allowDeletions, incidents }: LiveRound): string {
  const names = simulated.flow.sources.map(({ name }) => name);
  return [
    ...describeWorld(simulated),
    ...names.map((name) => `source ${name} is followed: ${JSON.stringify(following[name])}`),
    `deletions allowed unasked: ${allowDeletions}`,
    ...first.map((edit) => `at first: ${describeEdit(edit)}`),
    ...incidents.flatMap((incident) => [
      `after ${incident.at} ms: ${headOf(incident)}`,
      ...partsOf(incident),
    ]),
  ].join("\n");
}

function headOf(incident: Incident): string {
  switch (incident.kind) {
    case "change":
      return "changes";
    case "weather": {
      const { port, how, every, forMs, part } = incident;
      const what = `${how}${part === undefined ? "" : ` (${part})`}`;
      return `FAULT: every ${every} of ${port}, for ${forMs} ms: ${what}`;
    }
    case "watcher":
      return `the watcher of ${incident.source} ${incident.does}, for ${incident.forMs} ms`;
    case "ask":
      return `asked ${incident.times} times for an update: ${JSON.stringify(incident.options)}`;
    case "stop":
      return `stopped: ${incident.how}; started again after ${incident.downMs} ms`;
  }
}

function partsOf(incident: Incident): string[] {
  if (incident.kind === "stop" && incident.flow)
    return ["with another flow:", ...describeFlow(incident.flow)].map((line) => `  ${line}`);
  if (incident.kind !== "change") return [];
  return [
    ...incident.edits.map((edit, i) => `  ${i}: ${describeEdit(edit)}`),
    ...incident.tellings.map((telling) => `  ${describeTelling(telling)}`),
  ];
}

function describeTelling({ source, afterMs, edits, carries, acknowledge, missed }: Telling): string {
  if (missed) return `${source} says after ${afterMs} ms that it has missed something`;
  return `${source} tells after ${afterMs} ms of ${edits.join(", ")}: ${carries}; acknowledged: ${acknowledge}`;
}
