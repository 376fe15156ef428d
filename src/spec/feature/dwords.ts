// The command dwords of Set Features, from dword 11 on, and dword 0 of its completion, of the
// features that every command set has.

import {
  at,
  bit,
  formatDuration,
  hex,
  kelvin,
  measured,
  milliseconds,
  type Names,
  range,
  span,
  struct,
  u32,
  u64,
  type Unit,
} from "../../layout/mod.ts";
import { bits32 } from "../words.ts";
import { dword0, dword11, dwords11And12 } from "./dword_layouts.ts";

/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };
/** A power of two. */
const burst: Unit = {
  name: "2^n",
  text: (value) => Number(value) === 7 ? "no limit" : `${2 ** Number(value)}`,
};
const hundredMicroseconds: Unit = {
  name: "100 µs",
  text: (value) => `${Number(value) * 100} µs`,
};
/** Times that LBA status and error recovery count in. */
export const hundredMilliseconds: Unit = {
  ...span("100 ms", 100),
  text: (value) => formatDuration(Number(value) * 100),
};
/** A temperature; the ends of the range are none that is meant. */
const threshold: Unit = {
  ...kelvin,
  text: (value) => value === 0 || value === 0xffff ? `${value} K` : kelvin.text(value),
};
/** A temperature, or none. */
const kelvinOrOff: Unit = {
  ...kelvin,
  text: (value) => value === 0 ? "off" : kelvin.text(value),
};

/** Arbitration; weights are 0's based. */
export const ArbitrationDwords = dword11("Arbitration", "[BASE-2.1 §5.1.25.1.1, Fig. 386]", {
  ab: range(2, 0, "burst", { unit: burst }),
  lpw: range(15, 8, "low priority weight", { unit: counted }),
  mpw: range(23, 16, "medium priority weight", { unit: counted }),
  hpw: range(31, 24, "high priority weight", { unit: counted }),
});

/** What a host expects to do, by the workload hint [BASE-2.1 §8.1.17.3, Fig. 626]. */
const WORKLOAD_NAMES: Names = { 0: "none", 1: "bursts of idle time", 2: "heavy writes" };

const POWER = {
  ps: range(4, 0, "power state"),
  wh: range(7, 5, "workload hint", { names: WORKLOAD_NAMES }),
} as const;

/** Power Management. */
export const PowerManagementDwords = dword11(
  "Power Management",
  "[BASE-2.1 §5.1.25.1.2, Fig. 387]",
  POWER,
);

/** Which temperature, by TMPSEL [BASE-2.1 §5.1.25.1.3, Fig. 389]. */
export const TMPSEL = { composite: 0, all: 0xf } as const;
const TMPSEL_NAMES: Names = {
  [TMPSEL.composite]: "composite",
  1: "sensor 1",
  2: "sensor 2",
  3: "sensor 3",
  4: "sensor 4",
  5: "sensor 5",
  6: "sensor 6",
  7: "sensor 7",
  8: "sensor 8",
  [TMPSEL.all]: "all sensors",
};

/** Which threshold, by THSEL [BASE-2.1 §5.1.25.1.3, Fig. 389]. */
export const THSEL = { over: 0, under: 1 } as const;
const THSEL_NAMES: Names = { [THSEL.over]: "over", [THSEL.under]: "under" };

/** Temperature Threshold. */
export const TemperatureThresholdDwords = dword11(
  "Temperature Threshold",
  "[BASE-2.1 §5.1.25.1.3, Fig. 389]",
  {
    tmpth: range(15, 0, "threshold", { unit: threshold }),
    tmpsel: range(19, 16, "temperature", { names: TMPSEL_NAMES }),
    thsel: range(21, 20, "direction", { names: THSEL_NAMES }),
    tmpthh: range(24, 22, "hysteresis, K"),
  },
);

/** Volatile Write Cache. */
export const VolatileWriteCacheDwords = dword11(
  "Volatile Write Cache",
  "[BASE-2.1 §5.1.25.1.4, Fig. 390]",
  { wce: bit(0, "enabled") },
);

/** Asynchronous Event Configuration: which events the host wants. */
export const AsyncEventConfigurationDwords = dword11(
  "Asynchronous Event Configuration",
  "[BASE-2.1 §5.1.25.1.5, Fig. 391]",
  {
    shcw: range(7, 0, "critical warnings"),
    nan: bit(8, "attached namespace attributes"),
    fan: bit(9, "firmware activation"),
    tln: bit(10, "telemetry log"),
    anacn: bit(11, "asymmetric namespace access"),
    plealcn: bit(12, "predictable latency events"),
    lsian: bit(13, "LBA status information"),
    egealcn: bit(14, "endurance group events"),
    nnsshdn: bit(15, "NVM subsystem shutdown"),
    tthry: bit(16, "temperature threshold hysteresis"),
    rassn: bit(17, "reachability associations"),
    rgrp0: bit(18, "reachability groups"),
    ansan: bit(19, "allocated namespace attributes"),
    zdcn: bit(27, "zone descriptors"),
    pmdrlpcn: bit(28, "pull model DDC requests"),
    adlpcn: bit(29, "AVE discovery log"),
    hdlpcn: bit(30, "host discovery log"),
    dlpcn: bit(31, "discovery log"),
  },
);

/** Autonomous Power State Transition. */
export const AutonomousPowerDwords = dword11(
  "Autonomous Power State Transition",
  "[BASE-2.1 §5.1.25.1.6, Fig. 392]",
  { apste: bit(0, "enabled") },
);

/** Keep Alive Timer. */
export const KeepAliveDwords = struct(
  "Keep Alive Timer, command dword 11",
  4,
  "[BASE-2.1 §5.1.25.1.8, Fig. 397]",
  [at(0, 3, "kato", measured(u32, milliseconds), "Keep alive timeout")],
);

/** Host Controlled Thermal Management; a temperature of zero switches its half off. */
export const ThermalManagementDwords = dword11(
  "Host Controlled Thermal Management",
  "[BASE-2.1 §5.1.25.1.9, Fig. 398]",
  {
    tmt2: range(15, 0, "heavy throttling from", { unit: kelvinOrOff }),
    tmt1: range(31, 16, "light throttling from", { unit: kelvinOrOff }),
  },
);

/** Non-Operational Power State Config. */
export const NonOperationalPowerDwords = dword11(
  "Non-Operational Power State Config",
  "[BASE-2.1 §5.1.25.1.10, Fig. 399]",
  { noppme: bit(0, "permissive") },
);

const NVMSETID = { nvmsetid: range(15, 0, "NVM set") } as const;

/** What Get Features of a feature of an NVM set is told in dword 11. */
export const NvmSetSelect = dword11(
  "NVM set features",
  "[BASE-2.1 §5.1.25.1.11, Fig. 400]",
  NVMSETID,
);

const RRL = { rrl: range(3, 0, "level") } as const;

/** Read Recovery Level Config. */
export const ReadRecoveryLevelDwords = dwords11And12(
  "Read Recovery Level Config",
  "[BASE-2.1 §5.1.25.1.11, Fig. 401]",
  NVMSETID,
  RRL,
);

/** Dword 0 of Read Recovery Level Config. */
export const ReadRecoveryLevelResult = dword0(
  "Read Recovery Level Config",
  "[BASE-2.1 §5.1.25.1.11, Fig. 401]",
  RRL,
);

const PLE = { ple: bit(0, "enabled") } as const;

/** Predictable Latency Mode Config. */
export const PredictableLatencyDwords = dwords11And12(
  "Predictable Latency Mode Config",
  "[BASE-2.1 §5.1.25.1.12, Fig. 403]",
  NVMSETID,
  PLE,
);

/** Dword 0 of Predictable Latency Mode Config. */
export const PredictableLatencyResult = dword0(
  "Predictable Latency Mode Config",
  "[BASE-2.1 §5.1.25.1.12, Fig. 403]",
  PLE,
);

/** The windows, by WSEL [BASE-2.1 §5.1.25.1.13, Fig. 406]. */
export const WSEL = { deterministic: 1, nonDeterministic: 2 } as const;
const WINDOW = {
  wsel: range(2, 0, "window", {
    names: { [WSEL.deterministic]: "deterministic", [WSEL.nonDeterministic]: "non-deterministic" },
  }),
} as const;

/** Predictable Latency Mode Window. */
export const LatencyWindowDwords = dwords11And12(
  "Predictable Latency Mode Window",
  "[BASE-2.1 §5.1.25.1.13, Fig. 406]",
  NVMSETID,
  WINDOW,
);

/** Dword 0 of Predictable Latency Mode Window. */
export const LatencyWindowResult = dword0(
  "Predictable Latency Mode Window",
  "[BASE-2.1 §5.1.25.1.13, Fig. 406]",
  WINDOW,
);

/** Sanitize Config: what a sanitize that must not deallocate does where deallocating is a must. */
export const SanitizeConfigDwords = dword11(
  "Sanitize Config",
  "[BASE-2.1 §5.1.25.1.15, Fig. 408]",
  { nodrm: bit(0, "warns instead of refusing") },
);

/** Endurance Group Event Configuration. */
export const EnduranceGroupEventDwords = dword11(
  "Endurance Group Event Configuration",
  "[BASE-2.1 §5.1.25.1.16, Fig. 409]",
  {
    endgid: range(15, 0, "endurance group"),
    egcw: range(23, 16, "critical warnings"),
  },
);

const COMBINATION = { iocsci: range(8, 0, "combination") } as const;

/** I/O Command Set Profile. */
export const CommandSetProfileDwords = dword11(
  "I/O Command Set Profile",
  "[BASE-2.1 §5.1.25.1.17, Fig. 410]",
  COMBINATION,
);

/** Spinup Control. */
export const SpinupDwords = dword11("Spinup Control", "[BASE-2.1 §5.1.25.1.18, Fig. 412]", {
  sce: bit(0, "enabled"),
});

/** How power loss is signalled, by PLSM [BASE-2.1 §5.1.25.1.19, Fig. 414]. */
export const PLSM = { off: 0, emergencyPowerFail: 1, forcedQuiescence: 2 } as const;

/** Power Loss Signaling Config. */
export const PowerLossSignalingDwords = dword11(
  "Power Loss Signaling Config",
  "[BASE-2.1 §5.1.25.1.19, Fig. 414]",
  {
    plsm: range(1, 0, "mode", {
      names: {
        [PLSM.off]: "off",
        [PLSM.emergencyPowerFail]: "emergency power fail",
        [PLSM.forcedQuiescence]: "forced quiescence",
      },
    }),
  },
);

const ENDGID = { endgid: range(15, 0, "endurance group") } as const;
const PLACEMENT = {
  fdpe: bit(0, "enabled"),
  fdpcidx: range(15, 8, "configuration"),
} as const;

/** Flexible Data Placement. */
export const FlexibleDataPlacementDwords = dwords11And12(
  "Flexible Data Placement",
  "[BASE-2.1 §5.1.25.1.20, Fig. 416]",
  ENDGID,
  PLACEMENT,
);

/** What Get Features of Flexible Data Placement is told in dword 11. */
export const EnduranceGroupSelect = dword11(
  "Endurance group features",
  "[BASE-2.1 §5.1.25.1.20, Fig. 415]",
  ENDGID,
);

/** Dword 0 of Flexible Data Placement. */
export const FlexibleDataPlacementResult = dword0(
  "Flexible Data Placement",
  "[BASE-2.1 §5.1.25.1.20, Fig. 416]",
  PLACEMENT,
);

const PLACEMENT_EVENTS = {
  phndl: range(15, 0, "placement handle"),
  noet: range(23, 16, "event types"),
} as const;

/** Flexible Data Placement Events. */
export const PlacementEventDwords = dwords11And12(
  "Flexible Data Placement Events",
  "[BASE-2.1 §5.1.25.1.21, Fig. 419]",
  PLACEMENT_EVENTS,
  { fdpee: bit(0, "enable them") },
);

/** What Get Features of Flexible Data Placement Events is told in dword 11. */
export const PlacementEventSelect = dword11(
  "Flexible Data Placement Events",
  "[BASE-2.1 §5.1.25.1.21, Fig. 418]",
  PLACEMENT_EVENTS,
);

/** Controller Data Queue: the host has consumed entries, and may ask for an event. */
export const ControllerDataQueueDwords = struct(
  "Controller Data Queue, command dwords",
  12,
  "[BASE-2.1 §5.1.25.1.23, Fig. 424]",
  [
    at(
      0,
      3,
      "cdw11",
      bits32({ cdqid: range(15, 0, "queue"), etpt: bit(31, "tail pointer trigger") }),
      "Command dword 11",
    ),
    at(4, 7, "hp", u32, "Head pointer"),
    at(8, 11, "tpt", u32, "Tail pointer trigger"),
  ],
);

/** What is done with a metadata element, by EA [BASE-2.1 §5.1.25.1.26, Fig. 431]. */
export const ELEMENT_ACTION = { addOrReplace: 0, delete: 1, add: 2 } as const;

/** The three metadata features of the host. */
export const HostMetadataDwords = dword11("Host Metadata", "[BASE-2.1 §5.1.25.1.26, Fig. 431]", {
  ea: range(14, 13, "action", {
    names: {
      [ELEMENT_ACTION.addOrReplace]: "add or replace",
      [ELEMENT_ACTION.delete]: "delete",
      [ELEMENT_ACTION.add]: "add",
    },
  }),
});

/** What Get Features of the metadata features is told in dword 11. */
export const HostMetadataSelect = dword11(
  "Host Metadata, Get Features",
  "[BASE-2.1 §5.1.25.1.26, Fig. 430]",
  { gdhm: bit(0, "generate default metadata") },
);

/** Software Progress Marker: how often loading software before the boot has failed. */
export const SoftwareProgressDwords = dword11(
  "Software Progress Marker",
  "[BASE-2.1 §5.1.25.1.27, Fig. 436]",
  { pbslc: range(7, 0, "loads before the boot") },
);

/** Host Identifier. */
export const HostIdentifierDwords = dword11(
  "Host Identifier",
  "[BASE-2.1 §5.1.25.1.28, Fig. 437]",
  { exhid: bit(0, "128 bits") },
);

/** Reservation Notification Mask: which notices are kept back. */
export const ReservationNotificationDwords = dword11(
  "Reservation Notification Mask",
  "[BASE-2.1 §5.1.25.1.29, Fig. 439]",
  {
    regpre: bit(1, "registration preempted"),
    resrel: bit(2, "reservation released"),
    respre: bit(3, "reservation preempted"),
  },
);

/** Reservation Persistence. */
export const ReservationPersistenceDwords = dword11(
  "Reservation Persistence",
  "[BASE-2.1 §5.1.25.1.30, Fig. 440]",
  { ptpl: bit(0, "persists through power loss") },
);

/** How a namespace is protected, by WPS [BASE-2.1 §5.1.25.1.31, Fig. 441]. */
export const WPS = { none: 0, protected: 1, untilPowerCycle: 2, permanent: 3 } as const;

/** Namespace Write Protection Config. */
export const WriteProtectionDwords = dword11(
  "Namespace Write Protection Config",
  "[BASE-2.1 §5.1.25.1.31, Fig. 441]",
  {
    wps: range(2, 0, "state", {
      names: {
        [WPS.none]: "not protected",
        [WPS.protected]: "protected",
        [WPS.untilPowerCycle]: "protected until power cycle",
        [WPS.permanent]: "protected for ever",
      },
    }),
  },
);

/** How a boot partition is protected [BASE-2.1 §5.1.25.1.32, Fig. 442]. */
export const BPWPS = {
  noChange: 0,
  unlocked: 1,
  locked: 2,
  untilPowerCycle: 3,
  rpmb: 4,
} as const;
const BPWPS_NAMES: Names = {
  [BPWPS.noChange]: "no change",
  [BPWPS.unlocked]: "unlocked",
  [BPWPS.locked]: "locked",
  [BPWPS.untilPowerCycle]: "locked until power cycle",
  [BPWPS.rpmb]: "protected by RPMB",
};

/** Boot Partition Write Protection Config. */
export const BootPartitionProtectionDwords = dword11(
  "Boot Partition Write Protection Config",
  "[BASE-2.1 §5.1.25.1.32, Fig. 442]",
  {
    bp0wps: range(2, 0, "partition 0", { names: BPWPS_NAMES }),
    bp1wps: range(5, 3, "partition 1", { names: BPWPS_NAMES }),
  },
);

/** Number of Queues, as asked for; 0's based, without the admin queues. */
export const NumberOfQueuesDwords = dword11(
  "Number of Queues",
  "[BASE-2.1 §5.1.25.2.1, Fig. 443]",
  {
    nsqr: range(15, 0, "submission queues", { unit: counted }),
    ncqr: range(31, 16, "completion queues", { unit: counted }),
  },
);

/** Number of Queues, as given; Set Features answers with it too. */
export const NumberOfQueuesResult = dword0(
  "Number of Queues",
  "[BASE-2.1 §5.1.25.2.1, Fig. 444]",
  {
    nsqa: range(15, 0, "submission queues", { unit: counted }),
    ncqa: range(31, 16, "completion queues", { unit: counted }),
  },
);

/** Interrupt Coalescing. */
export const InterruptCoalescingDwords = dword11(
  "Interrupt Coalescing",
  "[BASE-2.1 §5.1.25.2.2, Fig. 445]",
  {
    thr: range(7, 0, "completions", { unit: counted }),
    time: range(15, 8, "time", { unit: hundredMicroseconds }),
  },
);

/** Interrupt Vector Configuration. */
export const InterruptVectorDwords = dword11(
  "Interrupt Vector Configuration",
  "[BASE-2.1 §5.1.25.2.3, Fig. 446]",
  { iv: range(15, 0, "vector"), cd: bit(16, "no coalescing") },
);

/** Host Memory Buffer; sizes count pages of CC.MPS. */
export const HostMemoryBufferDwords = struct(
  "Host Memory Buffer, command dwords",
  20,
  "[BASE-2.1 §5.1.25.2.4, Fig. 447]",
  [
    at(
      0,
      3,
      "cdw11",
      bits32({
        ehm: bit(0, "enabled"),
        mr: bit(1, "memory returned unchanged"),
        hmnare: bit(2, "restricted in non-operational power states"),
      }),
      "Command dword 11",
    ),
    at(4, 7, "hsize", u32, "Size, pages"),
    at(8, 15, "hmdla", hex(u64), "Address of the descriptor list"),
    at(16, 19, "hmdlec", u32, "Entries of the descriptor list"),
  ],
);

/** Dword 0 of Host Memory Buffer. */
export const HostMemoryBufferResult = dword0(
  "Host Memory Buffer",
  "[BASE-2.1 §5.1.25.2.4, Fig. 454]",
  {
    ehm: bit(0, "enabled"),
    hmnare: bit(2, "to be restricted in non-operational power states"),
    hmnar: bit(3, "restricted now"),
  },
);
