// The bits of the controller properties.

import {
  at,
  bit,
  type Codec,
  hex,
  type Names,
  range,
  struct,
  u32,
  type Unit,
} from "../layout/mod.ts";
import { bits32, bits64 } from "./words.ts";

const FOUR_BYTES = [0, 3] as const;
const EIGHT_BYTES = [0, 7] as const;

/** A power of two of bytes whose exponent is 12 more than the field. */
const pageSize: Unit = {
  name: "2^(12+n) bytes",
  text: (value) => `${2 ** (12 + Number(value))} bytes`,
};
/** A power of two: entry sizes, doorbell strides. */
const exponent: Unit = { name: "2^n bytes", text: (value) => `${2 ** Number(value)} bytes` };
const halfSeconds: Unit = { name: "500 ms", text: (value) => `${Number(value) * 500} ms` };
/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };

/** Where the main power of a controller is controlled, by CAP.CPS [BASE-2.1 §3.1.4.1, Fig. 36]. */
export const CPS_NAMES: Names = {
  0: "not reported",
  1: "controller",
  2: "domain",
  3: "NVM subsystem",
};

/** CAP: what the controller can do. MQES is 0's based; TO counts 500 ms. */
export const CAP = bits64({
  mqes: range(15, 0, "most entries of a queue", { unit: counted }),
  cqr: bit(16, "contiguous queues required"),
  wrrupc: bit(17, "weighted round robin with urgent class"),
  vsams: bit(18, "vendor specific arbitration"),
  to: range(31, 24, "time to become ready", { unit: halfSeconds }),
  dstrd: range(35, 32, "doorbell stride, exponent"),
  nssrs: bit(36, "NVM subsystem reset"),
  ncss: bit(37, "NVM command set"),
  iocss: bit(43, "selectable I/O command sets"),
  noiocss: bit(44, "no I/O command set"),
  bps: bit(45, "boot partitions"),
  cps: range(47, 46, "power scope", { names: CPS_NAMES }),
  mpsmin: range(51, 48, "smallest page", { unit: pageSize }),
  mpsmax: range(55, 52, "largest page", { unit: pageSize }),
  pmrs: bit(56, "persistent memory region"),
  cmbs: bit(57, "controller memory buffer"),
  nsss: bit(58, "NVM subsystem shutdown"),
  crwms: bit(59, "ready with media"),
  crims: bit(60, "ready independent of media"),
  nsses: bit(61, "NVM subsystem shutdown enhancements"),
});

/** VS: the revision of the specification; also in Identify Controller. */
export const VS = bits32({
  ter: range(7, 0, "tertiary"),
  mnr: range(15, 8, "minor"),
  mjr: range(31, 16, "major"),
});

/** The I/O command set, by CC.CSS [BASE-2.1 §3.1.4.5, Fig. 41]. */
export const CSS = { nvm: 0, all: 6, adminOnly: 7 } as const;
const CSS_NAMES: Names = {
  [CSS.nvm]: "NVM Command Set",
  [CSS.all]: "all supported I/O command sets",
  [CSS.adminOnly]: "admin commands only",
};

/** Arbitration, by CC.AMS [BASE-2.1 §3.1.4.5, Fig. 41]. */
export const AMS = { roundRobin: 0, weighted: 1, vendor: 7 } as const;
const AMS_NAMES: Names = {
  [AMS.roundRobin]: "round robin",
  [AMS.weighted]: "weighted round robin with urgent class",
  [AMS.vendor]: "vendor specific",
};

/** What is announced about a shutdown, by CC.SHN [BASE-2.1 §3.1.4.5, Fig. 41]. */
export const SHN = { none: 0, normal: 1, abrupt: 2 } as const;
const SHN_NAMES: Names = { [SHN.none]: "none", [SHN.normal]: "normal", [SHN.abrupt]: "abrupt" };

/** CC: what the host configures. Entry sizes are exponents of 2. */
export const CC = bits32({
  en: bit(0, "enable"),
  css: range(6, 4, "command set", { names: CSS_NAMES }),
  mps: range(10, 7, "page", { unit: pageSize }),
  ams: range(13, 11, "arbitration", { names: AMS_NAMES }),
  shn: range(15, 14, "shutdown", { names: SHN_NAMES }),
  iosqes: range(19, 16, "submission entry", { unit: exponent }),
  iocqes: range(23, 20, "completion entry", { unit: exponent }),
  crime: bit(24, "ready independent of media"),
});

/** How far a shutdown is, by CSTS.SHST [BASE-2.1 §3.1.4.6, Fig. 42]. */
export const SHST = { normal: 0, occurring: 1, complete: 2 } as const;
const SHST_NAMES: Names = {
  [SHST.normal]: "no shutdown",
  [SHST.occurring]: "shutdown going on",
  [SHST.complete]: "shutdown complete",
};

/** CSTS: how the controller is. */
export const CSTS = bits32({
  rdy: bit(0, "ready"),
  cfs: bit(1, "fatal"),
  shst: range(3, 2, "shutdown", { names: SHST_NAMES }),
  nssro: bit(4, "NVM subsystem reset occurred"),
  pp: bit(5, "processing paused"),
  st: bit(6, "shutdown of the NVM subsystem"),
});

/** AQA: sizes of the admin queues, 0's based. */
export const AQA = bits32({
  asqs: range(11, 0, "admin submission queue", { unit: counted }),
  acqs: range(27, 16, "admin completion queue", { unit: counted }),
});

/** CMBLOC: where the controller memory buffer is. */
export const CMBLOC = bits32({
  bir: range(2, 0, "base address register"),
  cqmms: bit(3, "queue mixed memory"),
  cqpds: bit(4, "queue physically discontiguous"),
  cdpmls: bit(5, "data pointer mixed locations"),
  cdpcils: bit(6, "data pointer and command independent locations"),
  cdmmms: bit(7, "data and metadata mixed memory"),
  cqda: bit(8, "queues aligned to dwords"),
  ofst: range(31, 12, "offset in size units"),
});

const SIZE_UNITS: Names = {
  0: "4 KiB",
  1: "64 KiB",
  2: "1 MiB",
  3: "16 MiB",
  4: "256 MiB",
  5: "4 GiB",
  6: "64 GiB",
};

/** CMBSZ: how large the controller memory buffer is, and what it may hold. */
export const CMBSZ = bits32({
  sqs: bit(0, "submission queues"),
  cqs: bit(1, "completion queues"),
  lists: bit(2, "PRP and SGL lists"),
  rds: bit(3, "data to the host"),
  wds: bit(4, "data from the host"),
  szu: range(11, 8, "size unit", { names: SIZE_UNITS }),
  sz: range(31, 12, "size in units"),
});

/** What reading a boot partition came to, by BPINFO.BRS [BASE-2.1 §3.1.4.13, Fig. 49]. */
export const BRS = { none: 0, reading: 1, done: 2, failed: 3 } as const;
const BRS_NAMES: Names = {
  [BRS.none]: "no read requested",
  [BRS.reading]: "reading",
  [BRS.done]: "read",
  [BRS.failed]: "read failed",
};

/** BPINFO: the boot partitions; sizes count 128 KiB. */
export const BPINFO = bits32({
  bpsz: range(14, 0, "size, 128 KiB"),
  brs: range(25, 24, "read", { names: BRS_NAMES }),
  abpid: bit(31, "partition 1 is active"),
});

/** BPRSEL: what to read of a boot partition; size and offset count 4 KiB. */
export const BPRSEL = bits32({
  bprsz: range(9, 0, "size, 4 KiB"),
  bprof: range(29, 10, "offset, 4 KiB"),
  bpid: bit(31, "partition 1"),
});

/** CMBMSC: where the host wants the controller memory buffer; the address in two parts. */
export const CMBMSC = bits64({
  cre: bit(0, "capabilities enabled"),
  cmse: bit(1, "memory space enabled"),
  cbaLower: range(31, 12, "base address, bits 31:12"),
  cbaUpper: range(63, 32, "base address, bits 63:32"),
});

/** CMBSTS: what is wrong with the controller memory buffer. */
export const CMBSTS = bits32({ cbai: bit(0, "base address invalid") });

const BYTE_UNITS: Names = { 0: "bytes", 1: "KiB", 2: "MiB", 3: "GiB" };
const RATE_UNITS: Names = { 0: "bytes/s", 1: "KiB/s", 2: "MiB/s", 3: "GiB/s" };

/** CMBEBS and PMREBS: the buffer that evens out writes. */
const elasticity = bits32({
  szu: range(3, 0, "size unit", { names: BYTE_UNITS }),
  rbb: bit(4, "reads bypass writes"),
  wbz: range(31, 8, "size"),
});

/** CMBSWTP and PMRSWTP: how fast one can go on writing. */
const throughput = bits32({
  swtu: range(3, 0, "unit", { names: RATE_UNITS }),
  swtv: range(31, 8, "throughput"),
});

/** CRTO: times to become ready; both count 500 ms. */
export const CRTO = bits32({
  crwmt: range(15, 0, "ready with media", { unit: halfSeconds }),
  crimt: range(31, 16, "ready independent of media", { unit: halfSeconds }),
});

/** PMRCAP: what the persistent memory region can do. */
export const PMRCAP = bits32({
  rds: bit(3, "data to the host"),
  wds: bit(4, "data from the host"),
  bir: range(7, 5, "base address register"),
  pmrtu: range(9, 8, "time unit", { names: { 0: "500 ms", 1: "minutes" } }),
  pmrwbm: range(13, 10, "write barrier mechanisms"),
  pmrto: range(23, 16, "timeout in units"),
  cmss: bit(24, "controller memory space"),
});

/** PMRCTL: switches the persistent memory region on. */
export const PMRCTL = bits32({ en: bit(0, "enable") });

/** How the region is, by PMRSTS.HSTS [BASE-2.1 §3.1.4.24, Fig. 60]. */
const HSTS_NAMES: Names = { 0: "normal", 1: "restore error", 2: "read only", 3: "unreliable" };

/** PMRSTS: how the persistent memory region is. */
export const PMRSTS = bits32({
  err: range(7, 0, "error"),
  nrdy: bit(8, "not ready"),
  hsts: range(11, 9, "health", { names: HSTS_NAMES }),
  cbai: bit(12, "base address invalid"),
});

/** PMRMSCL: where the host wants the persistent memory region; PMRMSCU has the upper half. */
export const PMRMSCL = bits32({
  cmse: bit(1, "memory space enabled"),
  cba: range(31, 12, "base address, bits 31:12"),
});

/** The bits of one register, as a structure of one row that is named like the register. */
function register<const N extends string, T, I>(
  title: string,
  cite: string,
  name: N,
  codec: Codec<T, I>,
) {
  const [first, last] = codec.size === 4 ? FOUR_BYTES : EIGHT_BYTES;
  return struct(title, codec.size, cite, [at(first, last, name, codec, name.toUpperCase())]);
}

/** Controller Capabilities. */
export const Cap = register(
  "Controller Capabilities",
  "[BASE-2.1 §3.1.4.1, Fig. 36]",
  "cap",
  CAP,
);
/** Version. */
export const Vs = register("Version", "[BASE-2.1 §3.1.4.2, Fig. 37]", "vs", VS);
/** Controller Configuration. */
export const Cc = register("Controller Configuration", "[BASE-2.1 §3.1.4.5, Fig. 41]", "cc", CC);
/** Controller Status. */
export const Csts = register("Controller Status", "[BASE-2.1 §3.1.4.6, Fig. 42]", "csts", CSTS);
/** NVM Subsystem Reset: one field. */
export const Nssr = register(
  "NVM Subsystem Reset",
  "[BASE-2.1 §3.1.4.7, Fig. 43]",
  "nssrc",
  hex(u32),
);
/** Admin Queue Attributes. */
export const Aqa = register("Admin Queue Attributes", "[BASE-2.1 §3.1.4.8, Fig. 44]", "aqa", AQA);
/** Controller Memory Buffer Location. */
export const Cmbloc = register(
  "Controller Memory Buffer Location",
  "[BASE-2.1 §3.1.4.11, Fig. 47]",
  "cmbloc",
  CMBLOC,
);
/** Controller Memory Buffer Size. */
export const Cmbsz = register(
  "Controller Memory Buffer Size",
  "[BASE-2.1 §3.1.4.12, Fig. 48]",
  "cmbsz",
  CMBSZ,
);
/** Boot Partition Information. */
export const Bpinfo = register(
  "Boot Partition Information",
  "[BASE-2.1 §3.1.4.13, Fig. 49]",
  "bpinfo",
  BPINFO,
);
/** Boot Partition Read Select. */
export const Bprsel = register(
  "Boot Partition Read Select",
  "[BASE-2.1 §3.1.4.14, Fig. 50]",
  "bprsel",
  BPRSEL,
);
/** Controller Memory Buffer Memory Space Control. */
export const Cmbmsc = register(
  "Controller Memory Buffer Memory Space Control",
  "[BASE-2.1 §3.1.4.16, Fig. 52]",
  "cmbmsc",
  CMBMSC,
);
/** Controller Memory Buffer Status. */
export const Cmbsts = register(
  "Controller Memory Buffer Status",
  "[BASE-2.1 §3.1.4.17, Fig. 53]",
  "cmbsts",
  CMBSTS,
);
/** Controller Memory Buffer Elasticity Buffer Size. */
export const Cmbebs = register(
  "Controller Memory Buffer Elasticity Buffer Size",
  "[BASE-2.1 §3.1.4.18, Fig. 54]",
  "cmbebs",
  elasticity,
);
/** Controller Memory Buffer Sustained Write Throughput. */
export const Cmbswtp = register(
  "Controller Memory Buffer Sustained Write Throughput",
  "[BASE-2.1 §3.1.4.19, Fig. 55]",
  "cmbswtp",
  throughput,
);
/** NVM Subsystem Shutdown: one field. */
export const Nssd = register(
  "NVM Subsystem Shutdown",
  "[BASE-2.1 §3.1.4.20, Fig. 56]",
  "nssc",
  hex(u32),
);
/** Controller Ready Timeouts. */
export const Crto = register(
  "Controller Ready Timeouts",
  "[BASE-2.1 §3.1.4.21, Fig. 57]",
  "crto",
  CRTO,
);
/** Persistent Memory Region Capabilities. */
export const Pmrcap = register(
  "Persistent Memory Region Capabilities",
  "[BASE-2.1 §3.1.4.22, Fig. 58]",
  "pmrcap",
  PMRCAP,
);
/** Persistent Memory Region Control. */
export const Pmrctl = register(
  "Persistent Memory Region Control",
  "[BASE-2.1 §3.1.4.23, Fig. 59]",
  "pmrctl",
  PMRCTL,
);
/** Persistent Memory Region Status. */
export const Pmrsts = register(
  "Persistent Memory Region Status",
  "[BASE-2.1 §3.1.4.24, Fig. 60]",
  "pmrsts",
  PMRSTS,
);
/** Persistent Memory Region Elasticity Buffer Size. */
export const Pmrebs = register(
  "Persistent Memory Region Elasticity Buffer Size",
  "[BASE-2.1 §3.1.4.25, Fig. 61]",
  "pmrebs",
  elasticity,
);
/** Persistent Memory Region Sustained Write Throughput. */
export const Pmrswtp = register(
  "Persistent Memory Region Sustained Write Throughput",
  "[BASE-2.1 §3.1.4.26, Fig. 62]",
  "pmrswtp",
  throughput,
);
/** Persistent Memory Region Memory Space Control Lower. */
export const Pmrmscl = register(
  "Persistent Memory Region Memory Space Control Lower",
  "[BASE-2.1 §3.1.4.27, Fig. 63]",
  "pmrmscl",
  PMRMSCL,
);
