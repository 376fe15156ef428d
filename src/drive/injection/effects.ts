// What each type of injected error does on this drive. Types that are not here are refused: they
// are about parts that the drive does not have, such as a PCIe link or capacitors.

import { ADMIN_COMMANDS, NVM_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { MEDIA } from "../../spec/status/media.ts";
import { INJECTION_TYPE } from "../../spec/vendor/ocp_error_injection.ts";
import { changeHealth, type HealthChanges, restoreHealth } from "../model/health.ts";
import type { Personality } from "../personality.ts";
import { latency, status } from "../scenario/commands.ts";
import { sanitizeFailing } from "../scenario/conditions.ts";
import { shutdownStuck } from "../scenario/links.ts";
import type { CommandTap } from "../tap/verdict.ts";
import { ALWAYS, type Effect, type EffectSubject, LONGEST_MS } from "./effect.ts";
import { hanging } from "./hanging.ts";
import { PANICS } from "./panic.ts";

const ANY_OPCODE = 256;
/** A latency spike whose length the host leaves to the drive. */
const SPIKE_MS = 500;
/** What commands take longer while garbage is collected. */
const COLLECTION_MS = 100;
/** Percent of the I/O commands that random latency strikes. */
const RANDOM_PERCENT = 10;
/** How far a sanitize operation that fails comes, in percent, and how many fail in an hour. */
const SANITIZE_FAILS_AT = 50;
const SANITIZE_FAILURES = 1000;
const US_PER_MS = 1000;

/** I/O commands take longer: as long as the entry says, or as is usual. */
function slow(usualMs: number, probability: number): Effect {
  return {
    timed: true,
    create({ drive, entry }) {
      const asked = Math.ceil(entry.latency / US_PER_MS);
      const ms = Math.min(LONGEST_MS, asked || usualMs);
      return latency.create({ ...ALWAYS, probability, ms }, drive);
    },
  };
}

/** Commands fail instead of being executed. */
function failing(
  queue: "admin" | "io",
  { type, code }: { readonly type: number; readonly code: number },
  opcode = ANY_OPCODE,
): Effect {
  return {
    create: ({ drive }) =>
      status.create({ ...ALWAYS, queue, opcode, sct: type, sc: code, dnr: "no" }, drive),
  };
}

/** Commands get no answer while the error is in force; of a single instance one command. */
function timeout(queue: "admin" | "io"): Effect {
  return {
    timed: true,
    lasts: true,
    create: ({ entry: { flags } }) => hanging(queue, flags.single ? 1 : 0),
  };
}

/** The drive is in a condition that its health tells of. */
function condition(changes: (personality: Personality) => HealthChanges): Effect {
  return {
    lasts: true,
    create: ({ drive, strike }) => ({
      setup() {
        changeHealth(drive, changes(drive.personality));
        strike();
      },
      teardown: () => restoreHealth(drive),
    }),
  };
}

/** Heat that brings the drive to a temperature, however far it swings to the cold side. */
function heatTo({ health }: Personality, kelvin: number): HealthChanges {
  return { heatK: Math.max(1, kelvin + health.temperatureSwingK - health.temperatureK) };
}

/** The drive is as cool as usual again; nothing remains to be done. */
const cooled: Effect = {
  create: ({ drive, strike }) => ({
    setup() {
      changeHealth(drive, { heatK: 0 });
      strike();
    },
  }),
};

/** One operation after the other fails on its way. */
const sanitizeFails: Effect = {
  timed: true,
  lasts: true,
  create({ drive, entry: { flags }, strike }) {
    const count = flags.single ? 1 : SANITIZE_FAILURES;
    const inner = sanitizeFailing.create({ percent: SANITIZE_FAILS_AT, count }, drive);
    return {
      setup(taps) {
        taps.attach("nvme:sanitize:event", (context) => {
          if (context.kind === "event" && context.event === "started") strike();
        });
        return inner.setup(taps);
      },
    };
  },
};

/** Dies that blocks are striped over, blocks in a row on one die, and the one that is gone. */
const DIES = 8;
const STRIPE = 32;
const LOST_DIE = 3;
const READING: ReadonlySet<number> = new Set(
  [NVM_COMMANDS.read, NVM_COMMANDS.compare, NVM_COMMANDS.verify].map(({ opcode }) => opcode),
);

/** What is on one of the dies cannot be read. */
const dieOffline: Effect = {
  lasts: true,
  create: ({ strike }: EffectSubject) => ({
    setup(taps) {
      taps.attach("nvme:io:decode", (context) => {
        if (context.kind !== "command" || !readsLostDie(context)) return undefined;
        const { type, code } = MEDIA.unrecoveredRead;
        return { kind: "claim", status: { type, code, doNotRetry: true } };
      });
      strike();
    },
  }),
};

function readsLostDie({ command: { opcode, cdw10, cdw11, cdw12 } }: CommandTap): boolean {
  if (!READING.has(opcode)) return false;
  const first = cdw11 * 0x1_0000_0000 + cdw10;
  const last = first + (cdw12 & 0xffff);
  const stripe = Math.floor(first / STRIPE);
  const toLostDie = (LOST_DIE - stripe % DIES + DIES) % DIES;
  return stripe + toLostDie <= Math.floor(last / STRIPE);
}

/** What the drive can do, by type. */
export const EFFECTS: Readonly<Record<number, Effect>> = {
  [INJECTION_TYPE.cpuHang]: PANICS.cpuHang,
  [INJECTION_TYPE.nandHang]: PANICS.hang,
  [INJECTION_TYPE.plpDefect]: PANICS.plpDefect,
  [INJECTION_TYPE.firmwareError]: PANICS.failure,
  [INJECTION_TYPE.dramCorruptionCritical]: PANICS.hang,
  [INJECTION_TYPE.dramCorruption]: PANICS.failure,
  [INJECTION_TYPE.nandCorruption]: PANICS.nandCorruption,
  [INJECTION_TYPE.sramCorruption]: PANICS.failure,
  [INJECTION_TYPE.hardwareMalfunction]: PANICS.hang,
  [INJECTION_TYPE.noSpares]: PANICS.noSpares,
  [INJECTION_TYPE.incompleteShutdown]: {
    lasts: true,
    create: ({ drive }) => shutdownStuck.create(ALWAYS, drive),
  },
  [INJECTION_TYPE.criticalGarbageCollection]: slow(COLLECTION_MS, 100),
  [INJECTION_TYPE.latencySpike]: slow(SPIKE_MS, 100),
  [INJECTION_TYPE.ioFailure]: failing("io", GENERIC.internalError),
  [INJECTION_TYPE.ioTimeout]: timeout("io"),
  [INJECTION_TYPE.adminFailure]: failing("admin", GENERIC.internalError),
  [INJECTION_TYPE.adminTimeout]: timeout("admin"),
  [INJECTION_TYPE.throttleEngaged]: condition((kind) => heatTo(kind, kind.health.warningK)),
  [INJECTION_TYPE.throttleDisengaged]: cooled,
  [INJECTION_TYPE.criticalTemperature]: condition((kind) => heatTo(kind, kind.health.criticalK)),
  [INJECTION_TYPE.dieOffline]: dieOffline,
  [INJECTION_TYPE.sanitizeCommandFailure]: failing(
    "admin",
    GENERIC.sanitizeFailed,
    ADMIN_COMMANDS.sanitize.opcode,
  ),
  [INJECTION_TYPE.sanitizeFailure]: sanitizeFails,
  [INJECTION_TYPE.randomLatency]: slow(SPIKE_MS, RANDOM_PERCENT),
  [INJECTION_TYPE.availableSpare]: condition(({ health: { spareThreshold } }) => ({
    spare: Math.max(0, spareThreshold - 1),
  })),
};
