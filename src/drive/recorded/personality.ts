// The personality of a drive that was recorded: behaves like it as far as the model goes, and gives
// its answers for the rest.

import { IdentifyController, powerStates } from "../../spec/identify/identify_controller.ts";
import { ControllerList, listedControllers } from "../../spec/identify/identify_lists.ts";
import { maximumPower } from "../../spec/identify/power_state.ts";
import { FirmwareLog } from "../../spec/log/firmware.ts";
import { SanitizeLog } from "../../spec/log/sanitize.ts";
import { SupportedLog } from "../../spec/log/supported.ts";
import { type Recording, requestKey } from "../../spec/recording.ts";
import { featureKey } from "../feature/feature.ts";
import { FEATURES } from "../feature/table.ts";
import { thresholdSlot } from "../feature/temperature_threshold.ts";
import type { Limits, Personality, PowerState } from "../personality.ts";
import { abilitiesOf, commandsOf } from "./abilities.ts";
import { Answers } from "./answers.ts";
import { healthOf, historyOf } from "./health.ts";
import { storageOf } from "./storage.ts";

const MOST_CONTROLLERS = 64;
const MOST_NAMESPACES = 1024;
const MOST_MDTS = 16;
const QUEUES = { fid: 0x07, most: 65_535, otherwise: 32 } as const;
const LOG = {
  telemetryHost: 0x07,
  telemetryController: 0x08,
  events: 0x0d,
  sanitize: 0x81,
} as const;
/** Of the last sanitize operation [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
const IN_PROGRESS = 2;
const TEMPERATURE_THRESHOLD = 0x04;
const INTERRUPT_VECTOR = 0x09;

/**
 * The kind of drive that was recorded. Throws SyntaxError for a recording that is none, RangeError
 * for one without Identify Controller.
 */
export function personalityOf(recording: Recording): Personality {
  const answers = new Answers(recording);
  const bytes = answers.data({ kind: "identify", id: 0x01 }, IdentifyController.size);
  if (!bytes) throw new RangeError("Cannot make a drive of a recording without its controller");
  const controller = IdentifyController.decode(bytes);
  const nqn = controller.subnqn;
  const personality: Personality = {
    name: "",
    summary: `clone of ${controller.mn.trim()}`,
    model: controller.mn,
    serial: controller.sn,
    ...firmwareOf(answers, controller),
    version: controller.ver.value === 0 ? 0x010000 : controller.ver.value,
    vendorId: controller.vid,
    oui: controller.ieee,
    ...(nqn === "" ? {} : { nqn }),
    ...controllersOf(answers),
    limits: limitsOf(answers, controller),
    commands: commandsOf(controller),
    identify: answers.identifiers("identify"),
    logs: logsOf(answers, controller),
    features: answers.identifiers("feature"),
    logOffsets: controller.lpa.lpeds,
    savesFeatures: controller.oncs.ssfs,
    writeCache: controller.vwc.vwcp,
    ...(controller.sgls.sgls > 0 ? { scatterGather: true } : {}),
    extendedFormats: controller.ctratt.elbas,
    ...storageOf(answers, controller),
    powerStates: powerStates(controller).map(powerStateOf),
    health: healthOf(answers, controller),
    ...historyOf(answers),
    ...abilitiesOf(answers, controller),
    savedFeatures: {},
    recorded: replayable(answers),
  };
  return { ...personality, savedFeatures: featuresOf(answers, personality) };
}

/**
 * The recording without what does not hold here: the persistent event log, whose events are where
 * the drive has its events, and a sanitize operation that was running there.
 */
function replayable(answers: Answers): Recording {
  const { controller, answers: all } = answers.recording;
  const log = answers.data({ kind: "log", id: LOG.sanitize }, SanitizeLog.size);
  const sanitizing = log && SanitizeLog.decode(log).status.operation === IN_PROGRESS;
  const without = [LOG.events, ...sanitizing ? [LOG.sanitize] : []]
    .map((id) => requestKey({ kind: "log", id }));
  return {
    controller,
    answers: Object.fromEntries(Object.entries(all).filter(([key]) => !without.includes(key))),
  };
}

function firmwareOf(
  answers: Answers,
  { frmw, fr }: IdentifyController,
): Pick<Personality, "firmware" | "firmwareSlot"> {
  const slots = Math.max(1, Math.min(7, frmw.nofs));
  const bytes = answers.data({ kind: "log", id: 0x03 }, FirmwareLog.size);
  const log = bytes ? FirmwareLog.decode(bytes) : undefined;
  const named = log?.activeFirmware.slot ?? 0;
  const firmwareSlot = named >= 1 && named <= 7 ? named : 1;
  const count = Math.max(slots, firmwareSlot);
  const firmware = Array.from({ length: count }, (_, at) => {
    // What runs is what the controller says, even where its slot holds something else by now.
    return at === firmwareSlot - 1 ? fr : log?.revisions[at] ?? "";
  });
  return { firmware, firmwareSlot };
}

/** The controllers of the subsystem, first the one that was recorded. */
function controllersOf(
  answers: Answers,
): Pick<Personality, "controllers" | "controllerIds"> {
  const { controller } = answers.recording;
  const bytes = answers.data({ kind: "identify", id: 0x13 }, ControllerList.size);
  const listed = bytes ? listedControllers(ControllerList.decode(bytes)) : [];
  const controllerIds = [...new Set([controller, ...listed])].slice(0, MOST_CONTROLLERS);
  return { controllers: controllerIds.length, controllerIds };
}

function limitsOf(answers: Answers, controller: IdentifyController): Limits {
  const queues = answers.find({ kind: "feature", id: QUEUES.fid });
  const granted = queues?.status === 0 ? Math.min(queues.dw0 & 0xffff, queues.dw0 >>> 16) + 1 : 0;
  return {
    mdts: Math.min(controller.mdts, MOST_MDTS),
    errorEntries: controller.elpe + 1,
    asyncEvents: controller.aerl + 1,
    aborts: controller.acl + 1,
    queues: granted > 0 ? Math.min(granted, QUEUES.most) : QUEUES.otherwise,
    namespaces: Math.max(1, Math.min(controller.nn, MOST_NAMESPACES)),
  };
}

/** The pages that were read, and those that the drive has besides. */
function logsOf(answers: Answers, { lpa }: IdentifyController): readonly number[] {
  const bytes = answers.data({ kind: "log", id: 0x00 }, SupportedLog.size);
  const pages = bytes ? SupportedLog.decode(bytes).pages : [];
  const supported = pages.flatMap(({ supported }, lid) => supported ? [lid] : []);
  const logs = [
    ...answers.identifiers("log"),
    ...supported,
    ...lpa.ts ? [LOG.telemetryHost, LOG.telemetryController] : [],
    ...lpa.pes ? [LOG.events] : [],
  ];
  return [...new Set(logs)].toSorted((one, other) => one - other);
}

function powerStateOf(state: IdentifyController["psd"][number]): PowerState {
  return {
    milliwatts: Math.max(1, Math.round((maximumPower(state.power) ?? 0) * 1000)),
    operational: !state.power.nops,
    entryUs: state.enlat,
    exitUs: state.exlat,
  };
}

/** Values that the model goes by and that are not its own default ones. */
function featuresOf(answers: Answers, personality: Personality): Readonly<Record<string, number>> {
  const found = answers.succeeded("feature").flatMap(({ request, answer: { dw0 } }) => {
    const { id, select = 0, cdw11 = 0 } = request;
    const feature = FEATURES.get(id);
    const kept = feature?.kind === "word" && feature.scope === "controller" && feature.saveable;
    if (select !== 0 || !kept) return [];
    const slot = slotOf(id, cdw11);
    const value = id === INTERRUPT_VECTOR ? dw0 & 0x1_0000 | Number(slot) : dw0;
    const initial = feature.initial(personality, slot);
    return value === initial ? [] : [[featureKey(id, slot), value] as const];
  });
  return Object.fromEntries(found);
}

function slotOf(fid: number, cdw11: number): string {
  switch (fid) {
    case TEMPERATURE_THRESHOLD:
      return thresholdSlot((cdw11 >>> 20 & 0x3) === 1 ? "under" : "over", cdw11 >>> 16 & 0xf);
    case INTERRUPT_VECTOR:
      return `${cdw11 & 0xffff}`;
    default:
      return "";
  }
}
