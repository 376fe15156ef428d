// Faults of the drive as a whole: bad blocks, alarms, operations that fail, paths that go away.

import { UsageError } from "../../errors.ts";
import type { VirtualDrive } from "../drive.ts";
import { setAnaState } from "../model/ana.ts";
import { anaKey } from "../model/ana_memory.ts";
import { type AsyncEvent, EVENTS } from "../model/event_kinds.ts";
import { raiseEvent } from "../model/events.ts";
import { failSanitize } from "../model/sanitize.ts";
import { failSelfTest } from "../model/self_test.ts";
import { captureTelemetry } from "../model/telemetry.ts";
import type { AnaState } from "../personality.ts";
import type { Plugin, PluginTaps } from "../plugin/plugin.ts";
import type { EventTap } from "../tap/verdict.ts";
import type { TapName } from "../tap/names.ts";
import { MOST, number, scenario, time, word } from "./scenario.ts";

export const unrecoveredRead = scenario({
  name: "unrecovered-read",
  summary: "Blocks cannot be read any more, until they are written again",
  effect: "critical medium error, sct 0x2/sc 0x81; the drive's LBA status tells of it",
  parameters: {
    nsid: number("Namespace", { initial: 1, min: 1, max: MOST.nsid }),
    lba: number("First block", { initial: 0, max: MOST.lba }),
    blocks: number("How many blocks", { initial: 1, min: 1, max: 1_000_000 }),
    for: time("How long until they can be read again", 86_400_000),
  },
  create: ({ nsid, lba, blocks, for: lasting }, drive) => {
    const namespace = drive.store.find(nsid);
    if (!namespace || lba + blocks > namespace.blocks) {
      const which = `blocks ${lba} to ${lba + blocks - 1} of namespace ${nsid}`;
      const why = namespace
        ? `it has blocks 0 to ${namespace.blocks - 1}`
        : "there is no such namespace";
      throw new UsageError(`Cannot make ${which} bad: ${why}`);
    }
    return {
      setup(taps) {
        // What waits in the cache is on the media, too, before they go bad.
        namespace.media.flush();
        namespace.media.damage(lba, blocks, "latent");
        taps.after(lasting, () => heal(drive, { nsid, lba, blocks }));
      },
      teardown: () => heal(drive, { nsid, lba, blocks }),
    };
  },
});

/** What is still bad is again what it was before: readable, or as the host has made it. */
function heal(
  drive: VirtualDrive,
  { nsid, lba, blocks }: { readonly nsid: number; readonly lba: number; readonly blocks: number },
): void {
  drive.store.find(nsid)?.media.heal(lba, blocks);
}

/** Raises an event again and again. */
function repeating(
  { count, every }: { readonly count: number; readonly every: number },
  raise: () => void,
): Plugin {
  return {
    setup(taps) {
      let left = count;
      const next = (): void => {
        raise();
        if (--left > 0) taps.after(every, next);
      };
      taps.after(0, next);
    },
  };
}

export const persistentError = scenario({
  name: "persistent-error",
  summary: "The drive announces a persistent internal error",
  effect: "resetting controller due to AER",
  parameters: {
    count: number("How often", { initial: 1, min: 1, max: 1000 }),
    every: time("How long between two", 10_000),
  },
  create: (values, drive) =>
    repeating(values, () => raiseEvent(drive, EVENTS.persistentInternalError)),
});

const STORMS: Readonly<Record<string, AsyncEvent>> = {
  namespaces: EVENTS.namespaceChanged,
  ana: EVENTS.anaChanged,
  firmware: EVENTS.firmwareActivation,
  temperature: EVENTS.temperature,
};

export const eventStorm = scenario({
  name: "event-storm",
  summary: "Asynchronous events come one after the other",
  effect: "namespaces: rescanning namespaces, over and over; temperature: uevents only",
  parameters: {
    kind: word("Which event", Object.keys(STORMS)),
    count: number("How many", { initial: 100, min: 1, max: 100_000 }),
    every: time("How long between two", 50),
  },
  create: (values, drive) =>
    repeating(values, () => {
      const event = STORMS[values.kind];
      if (values.kind === "namespaces") {
        for (const { nsid } of drive.store.allocated()) drive.namespaceChanged(nsid);
        drive.settle();
      } else if (event) raiseEvent(drive, event);
    }),
});

export const panicDump = scenario({
  name: "panic-dump",
  summary: "The drive takes a picture of its inside and says that it did",
  effect: "an event of telemetry; nvme telemetry-log --controller-init has the picture",
  parameters: {
    count: number("How often", { initial: 1, min: 1, max: 1000 }),
    every: time("How long between two", 10_000),
  },
  create: (values, drive) =>
    repeating(values, () => captureTelemetry(drive.first, "scenario panic-dump")),
});

/** Does something whenever an event tap tells of a beginning. */
function onEvent(
  tap: TapName,
  event: string,
  act: (context: EventTap, taps: PluginTaps) => void,
): Plugin {
  return {
    setup(taps) {
      taps.attach(tap, (context) => {
        if (context.kind === "event" && context.event === event) act(context, taps);
      });
    },
  };
}

export const selfTestFailing = scenario({
  name: "self-test-failing",
  summary: "Self-tests find something wrong when they have come so far",
  effect: "nvme self-test-log: failed, with the segment and the block",
  parameters: {
    percent: number("How far they come", { initial: 50, max: 99 }),
    segment: number("The segment that fails", { initial: 7, min: 1, max: 255 }),
    nsid: number("The namespace with the bad block", { initial: 1, min: 1, max: MOST.nsid }),
    lba: number("The bad block", { initial: 0, max: MOST.lba }),
    count: number("How many self-tests", { initial: 1, min: 1, max: 1000 }),
  },
  create: ({ percent, segment, nsid, lba, count }, drive) => {
    let left = count;
    return onEvent("nvme:selftest:event", "started", (_context, taps) => {
      const { selfTest } = drive.state;
      if (!selfTest || left-- <= 0) return;
      taps.after(selfTest.durationMs * percent / 100, () => {
        if (drive.state.selfTest !== selfTest) return;
        failSelfTest(drive.first, { segment, nsid, lba, statusCodeType: 2, statusCode: 0x81 });
      });
    });
  },
});

export const sanitizeFailing = scenario({
  name: "sanitize-failing",
  summary: "Sanitize operations fail when they have come so far",
  effect: "sanitize log: failed; I/O is refused with Sanitize Failed until one succeeds",
  parameters: {
    percent: number("How far they come", { initial: 50, max: 99 }),
    count: number("How many operations", { initial: 1, min: 1, max: 1000 }),
  },
  create: ({ percent, count }, drive) => {
    let left = count;
    return onEvent("nvme:sanitize:event", "started", (_context, taps) => {
      if (left-- <= 0) return;
      taps.after(
        drive.state.sanitize.durationMs * percent / 100,
        () => failSanitize(drive.first),
      );
    });
  },
});

export const slowActivation = scenario({
  name: "slow-activation",
  summary: "Starting new firmware takes longer than the drive says",
  effect: "Fw activation timeout, reset controller",
  parameters: {
    time: time("How much longer", 30_000),
    count: number("How many activations", { initial: 1, min: 1, max: 1000 }),
  },
  create: (values, drive) => {
    let left = values.count;
    return onEvent("nvme:firmware:event", "activating", () => {
      const { firmwareUpdate } = drive.state;
      const { activation } = firmwareUpdate;
      if (!activation || left-- <= 0) return;
      const endsAt = activation.endsAt + values.time;
      firmwareUpdate.activation = { ...activation, endsAt };
      drive.state.processingPausedUntil = endsAt;
    });
  },
});

const ANA_STATES = ["inaccessible", "non-optimized", "persistent-loss", "change"] as const;

export const anaFlip = scenario({
  name: "ana-flip",
  summary: "A group of namespaces is reached worse through a controller, and well again later",
  effect: "the path's ana_state changes; I/O goes another way, or: no usable path - requeuing I/O",
  parameters: {
    controller: number("Controller; 0 for all of them", { initial: 0, max: 0xffff }),
    group: number("ANA group", { initial: 1, min: 1, max: 0xffff }),
    state: word("What becomes of it", ANA_STATES),
    time: time("For how long", 10_000),
  },
  create: ({ controller, group, state, time }, drive) => {
    if (!drive.personality.ana) {
      throw new UsageError("Cannot inject ana-flip: this drive does not report ANA", {
        next: "serve virtual:multipath, or another drive that does",
      });
    }
    const { groups, states } = drive.personality.ana;
    if (group > groups) {
      throw new UsageError(
        `Cannot inject ana-flip: there is no ANA group ${group}, the drive has 1 to ${groups}`,
      );
    }
    const all = drive.controllers.map(({ controller: { id } }) => id);
    const struck = all.filter((id) => controller === 0 || controller === id);
    if (struck.length === 0) {
      throw new UsageError(
        `Cannot inject ana-flip: there is no controller ${controller}, the drive has ${
          all.join(", ")
        }`,
      );
    }
    // As the drive came: what another flip has made of the group is not to stay for ever.
    const restore = (): void => {
      for (const id of struck) {
        const usual = states?.[anaKey(group, id)] ?? "optimized";
        setAnaState(drive, { controller: id, group, state: usual });
      }
    };
    return {
      setup(taps) {
        for (const id of struck) {
          setAnaState(drive, { controller: id, group, state: state as AnaState });
        }
        taps.after(time, restore);
      },
      teardown: restore,
    };
  },
});
