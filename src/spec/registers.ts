// The properties of a controller: which there are, where they stand, and who may do what with them.

import type { Struct } from "../layout/mod.ts";
import {
  Aqa,
  Bpinfo,
  Bprsel,
  Cap,
  Cc,
  Cmbebs,
  Cmbloc,
  Cmbmsc,
  Cmbsts,
  Cmbswtp,
  Cmbsz,
  Crto,
  Csts,
  Nssd,
  Nssr,
  Pmrcap,
  Pmrctl,
  Pmrebs,
  Pmrmscl,
  Pmrsts,
  Pmrswtp,
  Vs,
} from "./register_layouts.ts";

export * from "./register_layouts.ts";

/**
 * What a write does to the bits that it may change [BASE-2.1 §3.1.4, Fig. 33]: `ro` nothing, `rw`
 * replaces them, `rw1s` sets those written as one, `rw1c` clears those written as one, `command`
 * is an order, and reads as zero.
 */
export type RegisterAccess = "ro" | "rw" | "rw1s" | "rw1c" | "command";

/**
 * The models of a transport: `memory` is PCIe, `message` is fabrics, where a register is a property
 * that Property Get and Property Set name by its offset.
 */
export type TransportModel = "memory" | "message";

/** One property. */
export interface RegisterInfo {
  /** The specification's short name: `CAP`. */
  readonly name: string;
  readonly title: string;
  /** Bytes from the start of the register space. */
  readonly offset: number;
  /** Bytes. */
  readonly width: 4 | 8;
  readonly access: RegisterAccess;
  /** The bits that a write may change; those outside keep their value. */
  readonly writable: bigint;
  /** The transports that have it; elsewhere its offset is reserved. */
  readonly models: readonly TransportModel[];
  /** False for one that a controller may leave out; it then reads as zero. */
  readonly mandatory: boolean;
  readonly cite: string;
  /** Its bits, for those that have any. */
  readonly layout?: Struct<object, unknown>;
}

const DOCUMENT = "BASE-2.1";
const WHOLE = 0xffff_ffffn;
const PAGE_ADDRESS = 0xffff_ffff_ffff_f000n;
const BOTH: readonly TransportModel[] = ["memory", "message"];
const MEMORY: readonly TransportModel[] = ["memory"];

type Row = readonly [
  offset: number,
  title: string,
  width: 4 | 8,
  access: RegisterAccess,
  writable: bigint,
  models: readonly TransportModel[],
  need: "mandatory" | "optional",
  section: number,
  figure: number,
];

const ROWS = {
  CAP: [0x00, "Controller Capabilities", 8, "ro", 0n, BOTH, "mandatory", 1, 36],
  VS: [0x08, "Version", 4, "ro", 0n, BOTH, "mandatory", 2, 37],
  INTMS: [0x0c, "Interrupt Mask Set", 4, "rw1s", WHOLE, MEMORY, "mandatory", 3, 39],
  INTMC: [0x10, "Interrupt Mask Clear", 4, "rw1c", WHOLE, MEMORY, "mandatory", 4, 40],
  CC: [0x14, "Controller Configuration", 4, "rw", 0x01ff_fff1n, BOTH, "mandatory", 5, 41],
  // A host may only clear NSSRO, by writing one to it.
  CSTS: [0x1c, "Controller Status", 4, "rw1c", 0x10n, BOTH, "mandatory", 6, 42],
  NSSR: [0x20, "NVM Subsystem Reset", 4, "command", WHOLE, BOTH, "optional", 7, 43],
  AQA: [0x24, "Admin Queue Attributes", 4, "rw", 0x0fff_0fffn, MEMORY, "mandatory", 8, 44],
  ASQ: [
    0x28,
    "Admin Submission Queue Base Address",
    8,
    "rw",
    PAGE_ADDRESS,
    MEMORY,
    "mandatory",
    9,
    45,
  ],
  ACQ: [
    0x30,
    "Admin Completion Queue Base Address",
    8,
    "rw",
    PAGE_ADDRESS,
    MEMORY,
    "mandatory",
    10,
    46,
  ],
  CMBLOC: [0x38, "Controller Memory Buffer Location", 4, "ro", 0n, MEMORY, "optional", 11, 47],
  CMBSZ: [0x3c, "Controller Memory Buffer Size", 4, "ro", 0n, MEMORY, "optional", 12, 48],
  BPINFO: [0x40, "Boot Partition Information", 4, "ro", 0n, MEMORY, "optional", 13, 49],
  BPRSEL: [0x44, "Boot Partition Read Select", 4, "rw", 0xbfff_ffffn, MEMORY, "optional", 14, 50],
  BPMBL: [
    0x48,
    "Boot Partition Memory Buffer Location",
    8,
    "rw",
    PAGE_ADDRESS,
    MEMORY,
    "optional",
    15,
    51,
  ],
  CMBMSC: [
    0x50,
    "Controller Memory Buffer Memory Space Control",
    8,
    "rw",
    PAGE_ADDRESS | 3n,
    MEMORY,
    "optional",
    16,
    52,
  ],
  CMBSTS: [0x58, "Controller Memory Buffer Status", 4, "ro", 0n, MEMORY, "optional", 17, 53],
  CMBEBS: [
    0x5c,
    "Controller Memory Buffer Elasticity Buffer Size",
    4,
    "ro",
    0n,
    MEMORY,
    "optional",
    18,
    54,
  ],
  CMBSWTP: [
    0x60,
    "Controller Memory Buffer Sustained Write Throughput",
    4,
    "ro",
    0n,
    MEMORY,
    "optional",
    19,
    55,
  ],
  NSSD: [0x64, "NVM Subsystem Shutdown", 4, "command", WHOLE, BOTH, "optional", 20, 56],
  CRTO: [0x68, "Controller Ready Timeouts", 4, "ro", 0n, BOTH, "mandatory", 21, 57],
  PMRCAP: [0xe00, "Persistent Memory Region Capabilities", 4, "ro", 0n, MEMORY, "optional", 22, 58],
  PMRCTL: [0xe04, "Persistent Memory Region Control", 4, "rw", 1n, MEMORY, "optional", 23, 59],
  PMRSTS: [0xe08, "Persistent Memory Region Status", 4, "ro", 0n, MEMORY, "optional", 24, 60],
  PMREBS: [
    0xe0c,
    "Persistent Memory Region Elasticity Buffer Size",
    4,
    "ro",
    0n,
    MEMORY,
    "optional",
    25,
    61,
  ],
  PMRSWTP: [
    0xe10,
    "Persistent Memory Region Sustained Write Throughput",
    4,
    "ro",
    0n,
    MEMORY,
    "optional",
    26,
    62,
  ],
  PMRMSCL: [
    0xe14,
    "Persistent Memory Region Memory Space Control Lower",
    4,
    "rw",
    0xffff_f002n,
    MEMORY,
    "optional",
    27,
    63,
  ],
  PMRMSCU: [
    0xe18,
    "Persistent Memory Region Memory Space Control Upper",
    4,
    "rw",
    WHOLE,
    MEMORY,
    "optional",
    28,
    64,
  ],
} as const satisfies Readonly<Record<string, Row>>;

/** The name of a property. */
export type RegisterName = keyof typeof ROWS;

const LAYOUTS: Readonly<Partial<Record<RegisterName, unknown>>> = {
  CAP: Cap,
  VS: Vs,
  CC: Cc,
  CSTS: Csts,
  NSSR: Nssr,
  AQA: Aqa,
  CMBLOC: Cmbloc,
  CMBSZ: Cmbsz,
  BPINFO: Bpinfo,
  BPRSEL: Bprsel,
  CMBMSC: Cmbmsc,
  CMBSTS: Cmbsts,
  CMBEBS: Cmbebs,
  CMBSWTP: Cmbswtp,
  NSSD: Nssd,
  CRTO: Crto,
  PMRCAP: Pmrcap,
  PMRCTL: Pmrctl,
  PMRSTS: Pmrsts,
  PMREBS: Pmrebs,
  PMRSWTP: Pmrswtp,
  PMRMSCL: Pmrmscl,
};

/** The properties by name [BASE-2.1 §3.1.4, Fig. 33]. */
export const REGISTERS: Readonly<Record<RegisterName, RegisterInfo>> = Object.fromEntries(
  (Object.entries(ROWS) as [RegisterName, Row][]).map(([name, row]) => [name, info(name, row)]),
) as Record<RegisterName, RegisterInfo>;

/** The properties in the order of their offsets. */
export const REGISTER_LIST: readonly RegisterInfo[] = Object.values(REGISTERS);

const BY_OFFSET: ReadonlyMap<number, RegisterInfo> = new Map(
  REGISTER_LIST.map((register) => [register.offset, register]),
);

/** The property that begins at an offset; undefined where none does. */
export function registerAt(offset: number): RegisterInfo | undefined {
  return BY_OFFSET.get(offset);
}

function info(name: RegisterName, row: Row): RegisterInfo {
  const [offset, title, width, access, writable, models, need, section, figure] = row;
  const layout = LAYOUTS[name] as Struct<object, unknown> | undefined;
  return {
    name,
    title,
    offset,
    width,
    access,
    writable,
    models,
    mandatory: need === "mandatory",
    cite: `[${DOCUMENT} §3.1.4.${section}, Fig. ${figure}]`,
    ...(layout ? { layout } : {}),
  };
}

/** What NSSR takes for a reset of the NVM subsystem: "NVMe" [BASE-2.1 §3.1.4.7, Fig. 43]. */
export const NSSR_RESET = 0x4e56_4d65;

/** What NSSD takes: "Nrml" and "Abpt" [BASE-2.1 §3.1.4.20, Fig. 56]. */
export const NSSD_SHUTDOWN = { normal: 0x4e72_6d6c, abrupt: 0x4162_7074 } as const;

/** What reads as this is not a controller any more: the bus has nobody to answer. */
export const REGISTER_GONE = 0xffff_ffff;

/** A doorbell: the tail of a submission queue, or the head of a completion queue. */
export interface Doorbell {
  readonly queue: "submission" | "completion";
  /** Queue identifier; 0 is the admin queue. */
  readonly qid: number;
}

/** Where the doorbells begin [BASE-2.1 §3.1.4, Fig. 34]. */
export const DOORBELL_BASE = 0x1000;
/** Bytes of one doorbell; what lies between two of them is reserved. */
export const DOORBELL_BYTES = 4;

/** The offset of a doorbell, where `dstrd` is CAP.DSTRD [BASE-2.1 §3.1.4, Fig. 34]. */
export function doorbellOffset({ queue, qid }: Doorbell, dstrd: number): number {
  const index = 2 * qid + (queue === "completion" ? 1 : 0);
  return DOORBELL_BASE + index * (DOORBELL_BYTES << dstrd);
}

/** The doorbell at an offset; undefined for an offset where none begins. */
export function doorbellAt(offset: number, dstrd: number): Doorbell | undefined {
  const index = (offset - DOORBELL_BASE) / (DOORBELL_BYTES << dstrd);
  if (index < 0 || !Number.isInteger(index) || index >= 2 * 0x1_0000) return undefined;
  return { queue: index % 2 === 0 ? "submission" : "completion", qid: Math.floor(index / 2) };
}

/**
 * Where a doorbell stands in the shadow doorbell buffer (PRP 1) and in the EventIdx buffer (PRP 2)
 * of Doorbell Buffer Config: like the doorbells, from zero on [BASE-2.1 §5.2.5, Fig. 486].
 */
export function shadowDoorbellOffset(doorbell: Doorbell, dstrd: number): number {
  return doorbellOffset(doorbell, dstrd) - DOORBELL_BASE;
}
