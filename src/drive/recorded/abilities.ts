// What a recorded drive can do, and how it goes about what takes long.

import type { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { AnaLog, AnaPage } from "../../spec/log/ana.ts";
import { SanitizeLog } from "../../spec/log/sanitize.ts";
import { DEFAULT_FIRMWARE, DEFAULT_SANITIZE, type SanitizeAbilities } from "../model/abilities.ts";
import type { Ana, AnaState, OptionalCommand, Personality } from "../personality.ts";
import type { Answers } from "./answers.ts";

const NOT_REPORTED = 0xffffffff;
/** The estimate for an overwrite is for so many passes. */
const ESTIMATED_PASSES = 16;
/** How long a short self-test takes at most [BASE-2.1 §8.1.7]. */
const SHORT_TEST_MS = 120_000;
const MINUTE_MS = 60_000;
const UNIT_MS = 100;
/** The recovery level that every drive with levels has. */
const DEFAULT_LEVEL = 4;
/** ANA groups that are made at most. */
const MOST_GROUPS = 128;

/** The optional commands that the controller says it has. */
export function commandsOf(controller: IdentifyController): readonly OptionalCommand[] {
  const { oacs, oncs, sanicap, kas } = controller;
  const has: Readonly<Record<OptionalCommand, boolean>> = {
    "self-test": oacs.dsts,
    format: oacs.fnvms,
    compare: oncs.nvmcmps,
    "dataset-management": oncs.nvmdsmsv,
    "write-zeroes": oncs.nvmwzsv,
    verify: oncs.nvmvfys,
    "write-uncorrectable": oncs.nvmwusv,
    copy: oncs.nvmcpys,
    "get-lba-status": oacs.glss,
    "namespace-management": oacs.nms,
    firmware: oacs.fwds,
    sanitize: sanicap.value !== 0,
    security: oacs.ssrs,
    directives: oacs.dirs,
    "keep-alive": kas > 0,
    "doorbell-buffer": oacs.dbcs,
  };
  return Object.entries(has).flatMap(([name, there]) => there ? [name as OptionalCommand] : []);
}

type Abilities = Pick<
  Personality,
  | "selfTests"
  | "sanitizing"
  | "firmwareUpdates"
  | "firmwareAcceptsAny"
  | "thermalManagement"
  | "recoveryLevels"
  | "ana"
  | "enduranceGroup"
  | "attachments"
>;

/** How long things take and within which limits they go, as far as the drive says. */
export function abilitiesOf(answers: Answers, controller: IdentifyController): Abilities {
  const { edstt, hctma, mntmt, mxtmt, rrls, cmic, ctratt, maxcna } = controller;
  const levels = Array.from({ length: 16 }, (_, level) => level)
    .filter((level) => level === DEFAULT_LEVEL || (rrls.value >>> level & 1) === 1);
  return {
    selfTests: { shortMs: SHORT_TEST_MS, extendedMs: Math.max(edstt, 1) * MINUTE_MS },
    sanitizing: sanitizingOf(answers, controller),
    firmwareUpdates: firmwareOf(controller),
    // Nobody here can tell a vendor's image from anything else.
    firmwareAcceptsAny: true,
    ...(hctma.hctms ? { thermalManagement: { lowestK: mntmt, highestK: mxtmt } } : {}),
    ...(rrls.value === 0 ? {} : { recoveryLevels: levels }),
    ...(cmic.anars ? { ana: anaOf(answers, controller) } : {}),
    ...(ctratt.egs ? { enduranceGroup: true } : {}),
    ...(maxcna > 0 ? { attachments: maxcna } : {}),
  };
}

function sanitizingOf(answers: Answers, { sanicap }: IdentifyController): SanitizeAbilities {
  const bytes = answers.data({ kind: "log", id: 0x81 }, SanitizeLog.size);
  const times = bytes ? SanitizeLog.decode(bytes) : undefined;
  const { blockEraseMs = 0, overwritePassMs = 0, cryptoEraseMs = 0, verification } =
    DEFAULT_SANITIZE;
  return {
    keepsBlocks: !sanicap.ndi,
    ...(sanicap.bes ? { blockEraseMs: milliseconds(times?.blockEraseTime, blockEraseMs) } : {}),
    ...(sanicap.ows
      ? {
        overwritePassMs: Math.ceil(
          milliseconds(times?.overwriteTime, overwritePassMs * ESTIMATED_PASSES) /
            ESTIMATED_PASSES,
        ),
      }
      : {}),
    ...(sanicap.ces ? { cryptoEraseMs: milliseconds(times?.cryptoEraseTime, cryptoEraseMs) } : {}),
    ...(sanicap.vers && verification ? { verification } : {}),
  };
}

/** An estimate in seconds; one that the drive does not give is ours. */
function milliseconds(seconds: number | undefined, otherwiseMs: number): number {
  return seconds === undefined || seconds === NOT_REPORTED ? otherwiseMs : seconds * 1000;
}

function firmwareOf(
  { frmw, fwug, mtfa }: IdentifyController,
): NonNullable<Personality["firmwareUpdates"]> {
  const longestPauseMs = mtfa > 0 ? mtfa * UNIT_MS : DEFAULT_FIRMWARE.longestPauseMs;
  return {
    readOnlySlot1: frmw.ffsro,
    granularity: fwug,
    withoutReset: frmw.fawr,
    longestPauseMs,
    pauseMs: Math.min(DEFAULT_FIRMWARE.pauseMs, longestPauseMs),
    imageBytes: DEFAULT_FIRMWARE.imageBytes,
  };
}

const ANA_STATES: Readonly<Record<number, AnaState>> = {
  0x2: "non-optimized",
  0x3: "inaccessible",
  0x4: "persistent-loss",
};

function anaOf(answers: Answers, { anagrpmax, anatt }: IdentifyController): Ana {
  const { controller } = answers.recording;
  const bytes = answers.data({ kind: "log", id: 0x0c }, AnaLog.size);
  const groups = bytes ? AnaPage.decode(bytes).groups : [];
  const most = Math.max(1, Math.min(anagrpmax, MOST_GROUPS));
  const states = groups.flatMap(({ group, access }): readonly (readonly [string, AnaState])[] => {
    const state = ANA_STATES[access.state];
    return state && group >= 1 && group <= most ? [[`${group}@${controller}`, state]] : [];
  });
  return { groups: most, transitionSeconds: anatt, states: Object.fromEntries(states) };
}
