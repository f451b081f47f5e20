import type { SourceSetup } from "../../src/contracts/source-setup.ts";
import type { Archive, ArchiveConfig, SourceFaults } from "./archive.ts";
import type { WrongSource } from "./wrong-source.ts";

type Setup = NonNullable<ArchiveConfig["setup"]>;

/** A source that is set up otherwise than it should be. */
const settingUp =
  (change: (setup: Setup, archive: Archive) => Partial<Setup>): SourceFaults =>
  ({ setup }, archive) => ({
    setup: { ...setup, ...change(setup, archive) } satisfies SourceSetup<
      { name: string },
      { readonly make: string }
    >,
  });

/** For each rule about what a source needs beside its rows. */
export const wrongSourceSetups: readonly WrongSource[] = [
  {
    rule: "setup makes what the source needs",
    seen: /after setup there is nothing that was not there before/,
    faults: settingUp(() => ({ applySetupChange() {} })),
  },
  {
    rule: "making what is there changes nothing",
    seen: /after it was made a second time there is \[.*desk-2.*\] for sources/,
    faults: settingUp((_setup, { desks }) => ({
      applySetupChange: () => void desks.add(`desk-${desks.size + 1}`),
    })),
  },
  {
    rule: "making what is there changes nothing",
    seen: /after a change from its state to the same one there is \[\] for sources/,
    // Takes what has a former state for something to be cleared away.
    faults: settingUp((_setup, { desks }) => ({
      applySetupChange: ({ key, previous }) =>
        void (previous === null ? desks.add(String(key)) : desks.delete(String(key))),
    })),
  },
  {
    rule: "removal takes all that the source needed, and no row",
    seen: /after removal there is \[.*lamp.*\] for sources, where \[\] was due/,
    faults: settingUp(({ applySetupChange }, { desks }) => ({
      applySetupChange: (change, context) => {
        if (change.current !== null) desks.add("lamp");
        return applySetupChange(change, context);
      },
    })),
  },
  {
    rule: "removal takes all that the source needed, and no row",
    seen: /after what it needed was removed, the source lacks/,
    faults: settingUp(({ applySetupChange }, { papers }) => ({
      applySetupChange: (change, context) => {
        if (change.current === null) papers.clear();
        return applySetupChange(change, context);
      },
    })),
  },
  {
    rule: "removing what a source needs is no error where it is not",
    seen: /there is no desk/,
    faults: settingUp(({ applySetupChange }, { desks }) => ({
      applySetupChange: (change, context) => {
        if (change.current === null && !desks.has(String(change.key))) throw new Error("there is no desk");
        return applySetupChange(change, context);
      },
    })),
  },
  {
    rule: "removal leaves what another source needs",
    seen: /after what another source needed was removed, there is \[\] for sources/,
    faults: settingUp(({ applySetupChange }, { desks }) => ({
      applySetupChange: (change, context) => {
        if (change.current === null) desks.clear();
        return applySetupChange(change, context);
      },
    })),
  },
  {
    rule: "what sources need is known by plain JSON, each by its own",
    seen: /two sources of other names both have the key 'desk'/,
    faults: settingUp(() => ({ getPersistentKey: () => "desk" })),
  },
  {
    rule: "what sources need is known by plain JSON, each by its own",
    seen: /the same spec and names gave .* and then /,
    faults: settingUp(() => {
      let n = 0;
      return { setupState: () => ({ make: `oak ${++n}` }) };
    }),
  },
  {
    rule: "what sources need is known by plain JSON, each by its own",
    seen: /setup returned \{ make: \[/,
    faults: settingUp(() => ({ setupState: () => ({ make: (() => "oak") as never }) })),
  },
  {
    rule: "a flow makes what its source needs, and its drop removes it",
    seen: /a flow was set up, and nothing is there that was not/,
    // Makes nothing for the flows of others.
    faults: settingUp(({ setupState }) => ({
      setupState: (input) => (input.flow.startsWith("Kit_kit_") ? setupState(input) : null),
    })),
  },
  {
    rule: "a flow makes what its source needs, and its drop removes it",
    seen: /after a flow was dropped there is \[.*\] for sources, where \[\] was due/,
    faults: settingUp(({ applySetupChange }) => ({
      applySetupChange: (change, context) =>
        change.current === null ? undefined : applySetupChange(change, context),
    })),
  },
];
