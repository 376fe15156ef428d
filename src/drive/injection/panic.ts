// A device that panics, perhaps after some reads: it says so in every way that it has, and does no
// I/O any more until it is reset.

import { NVM_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { MEDIA } from "../../spec/status/media.ts";
import { INJECTION_NAMES } from "../../spec/vendor/ocp_error_injection.ts";
import { nameOf } from "../../layout/mod.ts";
import { EVENTS } from "../model/event_kinds.ts";
import { raiseEvent } from "../model/events.ts";
import { changeHealth, type HealthChanges, restoreHealth } from "../model/health.ts";
import { captureTelemetry } from "../model/telemetry.ts";
import type { Plugin, PluginTaps } from "../plugin/plugin.ts";
import type { RefusalStatus } from "../refusal.ts";
import { status } from "../scenario/commands.ts";
import { fatalStatus } from "../scenario/links.ts";
import { ALWAYS, type Effect, type EffectSubject } from "./effect.ts";
import { hanging } from "./hanging.ts";

/** How a kind of panic differs from others. */
export interface PanicTraits {
  /** What becomes of I/O commands: no answer, or an error. */
  readonly io: "hangs" | "fails";
  /** Admin commands get no answer either. */
  readonly adminHangs?: true;
  /** What reads fail with, if not as all the rest. */
  readonly reads?: RefusalStatus;
  readonly health?: HealthChanges;
}

const READ = NVM_COMMANDS.read.opcode;
const ANY_OPCODE = 256;

/** A panic that comes at once, or when so many reads as the entry says are complete. */
export function panic(traits: PanicTraits): Effect {
  return {
    lasts: true,
    ...(traits.io === "hangs" ? { timed: true } : {}),
    create(subject) {
      const { drive, entry } = subject;
      const faults = faultsOf(traits, drive);
      let left = entry.nrtdp;
      let panicked = false;
      return {
        setup(taps) {
          const begin = (): void => {
            panicked = true;
            for (const fault of faults) fault.setup(taps);
            if (traits.health) changeHealth(drive, traits.health);
            announce(subject, taps);
          };
          if (left === 0) return begin();
          taps.attach("nvme:io:writeback", (context) => {
            if (panicked || context.kind !== "command" || context.command.opcode !== READ) return;
            if (--left === 0) begin();
          });
        },
        teardown() {
          for (const fault of faults) fault.teardown?.();
          if (panicked && traits.health) restoreHealth(drive);
        },
      };
    },
  };
}

function announce({ drive, entry, strike }: EffectSubject, taps: PluginTaps): void {
  strike();
  const tell = (): void => {
    captureTelemetry(drive.first, `device panic: ${nameOf(INJECTION_NAMES, entry.type)}`);
    raiseEvent(drive, EVENTS.persistentInternalError);
  };
  // The command under way completes first.
  if (drive.timed) taps.after(0, tell);
  else tell();
}

function faultsOf(
  { io, adminHangs, reads }: PanicTraits,
  drive: EffectSubject["drive"],
): readonly Plugin[] {
  const faults = [fatalStatus.create(ALWAYS, drive)];
  if (adminHangs) faults.push(hanging("admin", 0));
  if (io === "hangs") return [...faults, hanging("io", 0)];
  if (reads) faults.push(failing(drive, reads, READ));
  return [...faults, failing(drive, GENERIC.internalError, ANY_OPCODE)];
}

function failing(
  drive: EffectSubject["drive"],
  { type, code }: RefusalStatus,
  opcode: number,
): Plugin {
  return status.create({ ...ALWAYS, queue: "io", opcode, sct: type, sc: code, dnr: "no" }, drive);
}

/** The panics that differ from others. */
export const PANICS = {
  cpuHang: panic({ io: "hangs", adminHangs: true }),
  hang: panic({ io: "hangs" }),
  failure: panic({ io: "fails" }),
  nandCorruption: panic({
    io: "fails",
    reads: MEDIA.unrecoveredRead,
    health: { mediaErrors: 1, degraded: true },
  }),
  noSpares: panic({ io: "fails", health: { spare: 0, degraded: true } }),
  plpDefect: panic({ io: "fails", health: { degraded: true } }),
} as const satisfies Readonly<Record<string, Effect>>;
