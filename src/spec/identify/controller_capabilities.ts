// Identify Controller, bytes 0 to 255: who the controller is and what it is capable of.

import {
  ascii,
  at,
  bit,
  bits,
  coded,
  except,
  hex,
  identifier,
  measured,
  microseconds,
  type Names,
  range,
  reserved,
  u16,
  u32,
  u8,
} from "../../layout/mod.ts";
import { oui, specificationVersion, whenZero } from "./codecs.ts";
import { commandExponent, hundredMilliseconds, minimumPages } from "./units.ts";

/** What kind of controller answers, by CNTRLTYPE [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const CONTROLLER_TYPE_NAMES: Names = {
  0: "not reported",
  1: "I/O controller",
  2: "discovery controller",
  3: "administrative controller",
};

const LATENCY = except(measured(u32, microseconds), 0, "not reported");
const RETRY_DELAY = except(measured(u16, hundredMilliseconds), 0, "none");

const CMIC = bits(u8, {
  mports: bit(0, "may have several ports"),
  mctrs: bit(1, "may have several controllers"),
  ft: bit(2, "is an SR-IOV virtual function"),
  anars: bit(3, "reports asymmetric namespace access"),
});

const OAES = bits(u32, {
  nsan: bit(8, "attached namespace attributes changed"),
  fan: bit(9, "firmware activation starting"),
  anacn: bit(11, "asymmetric namespace access changed"),
  plean: bit(12, "predictable latency event aggregate log changed"),
  lsian: bit(13, "LBA status information alert"),
  egean: bit(14, "endurance group event aggregate log changed"),
  nnss: bit(15, "normal NVM subsystem shutdown"),
  tthr: bit(16, "temperature threshold hysteresis recovery"),
  rgcns: bit(17, "reachability groups changed"),
  ansan: bit(19, "allocated namespace attributes changed"),
  zdcn: bit(27, "zone descriptor changed"),
  dlpcn: bit(31, "discovery log page changed"),
});

const CTRATT = bits(u32, {
  hids: bit(0, "128-bit host identifier"),
  nopspm: bit(1, "non-operational power state permissive mode"),
  nsets: bit(2, "NVM sets"),
  rrlvls: bit(3, "read recovery levels"),
  egs: bit(4, "endurance groups"),
  plm: bit(5, "predictable latency mode"),
  tbkas: bit(6, "traffic based keep alive"),
  ng: bit(7, "namespace granularity"),
  sqa: bit(8, "submission queue associations"),
  ulist: bit(9, "UUID list"),
  mds: bit(10, "multiple domains"),
  fcm: bit(11, "fixed capacity management"),
  vcm: bit(12, "variable capacity management"),
  deg: bit(13, "delete endurance group"),
  dnvms: bit(14, "delete NVM set"),
  elbas: bit(15, "extended LBA formats"),
  mem: bit(16, "transfer and size limits without metadata"),
  hmbr: bit(17, "restricts its host memory access in non-operational states"),
  rhii: bit(18, "reservations need a host identifier"),
  fdps: bit(19, "flexible data placement"),
});

const RRLS = bits(u16, {
  rrl0: bit(0, "0"),
  rrl1: bit(1, "1"),
  rrl2: bit(2, "2"),
  rrl3: bit(3, "3"),
  rrl4: bit(4, "4 (default)"),
  rrl5: bit(5, "5"),
  rrl6: bit(6, "6"),
  rrl7: bit(7, "7"),
  rrl8: bit(8, "8"),
  rrl9: bit(9, "9"),
  rrl10: bit(10, "10"),
  rrl11: bit(11, "11"),
  rrl12: bit(12, "12"),
  rrl13: bit(13, "13"),
  rrl14: bit(14, "14"),
  rrl15: bit(15, "15 (fast fail)"),
});

const BPCAP = bits(u8, {
  rpmbbpwps: range(1, 0, "write protection by RPMB", {
    names: { 0: "not specified", 1: "not supported", 2: "supported" },
  }),
  sfbpwps: bit(2, "write protection by Set Features"),
});

const PLSI = bits(u8, {
  plsepf: bit(0, "emergency power fail"),
  plsfq: bit(1, "forced quiescence"),
});

const CRCAP = bits(u8, {
  rrsup: bit(0, "reports reachability"),
  rgidc: bit(1, "reachability groups stay while a namespace is attached"),
});

const NVMSR = bits(u8, {
  nvmesd: bit(0, "part of a storage device"),
  nvmee: bit(1, "part of an enclosure"),
});

const VWCI = bits(u8, {
  vwcr: range(6, 0, "write cycles remaining"),
  vwcrv: bit(7, "the count is valid"),
});

const MEC = bits(u8, {
  twpme: bit(0, "on a 2-wire port"),
  pcieme: bit(1, "on a PCIe port"),
});

/** Controller Capabilities and Features [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const CAPABILITY_ROWS = [
  at(0, 1, "vid", hex(u16), "PCI vendor", { brief: true }),
  at(2, 3, "ssvid", hex(u16), "PCI subsystem vendor"),
  at(4, 23, "sn", ascii(20), "Serial number", { brief: true }),
  at(24, 63, "mn", ascii(40), "Model", { brief: true }),
  at(64, 71, "fr", ascii(8), "Firmware revision", { brief: true }),
  at(72, 72, "rab", measured(u8, commandExponent), "Recommended arbitration burst"),
  at(73, 75, "ieee", oui, "IEEE OUI"),
  at(76, 76, "cmic", CMIC, "Multi-path I/O and namespace sharing", { since: "1.1" }),
  at(77, 77, "mdts", except(measured(u8, minimumPages), 0, "no limit"), "Maximum data transfer", {
    brief: true,
  }),
  at(78, 79, "cntlid", hex(u16), "Controller identifier", { brief: true, since: "1.1" }),
  at(80, 83, "ver", specificationVersion, "NVMe version", { brief: true, since: "1.2" }),
  at(84, 87, "rtd3r", LATENCY, "Latency to resume from Runtime D3", { since: "1.2" }),
  at(88, 91, "rtd3e", LATENCY, "Latency to enter Runtime D3", { since: "1.2" }),
  at(92, 95, "oaes", OAES, "Optional asynchronous events", { since: "1.2" }),
  at(96, 99, "ctratt", CTRATT, "Controller attributes", { since: "1.2.1" }),
  at(100, 101, "rrls", RRLS, "Read recovery levels", { since: "1.4" }),
  at(102, 102, "bpcap", BPCAP, "Boot partition capabilities", { since: "2.1" }),
  reserved(103, 103),
  at(104, 107, "nssl", LATENCY, "Latency of an NVM subsystem shutdown", { since: "2.1" }),
  reserved(108, 109),
  at(110, 110, "plsi", PLSI, "Power loss signaling", { since: "2.1" }),
  at(111, 111, "cntrltype", coded(u8, CONTROLLER_TYPE_NAMES), "Controller type", {
    brief: true,
    since: "1.4",
  }),
  at(112, 127, "fguid", identifier(16), "FRU globally unique identifier", { since: "1.3" }),
  at(128, 129, "crdt1", RETRY_DELAY, "Command retry delay 1", { since: "1.4" }),
  at(130, 131, "crdt2", RETRY_DELAY, "Command retry delay 2", { since: "1.4" }),
  at(132, 133, "crdt3", RETRY_DELAY, "Command retry delay 3", { since: "1.4" }),
  at(134, 134, "crcap", CRCAP, "Reachability capabilities", { since: "2.1" }),
  reserved(135, 252),
  at(253, 253, "nvmsr", NVMSR, "NVM subsystem report"),
  at(254, 254, "vwci", whenZero(VWCI, "not reported"), "VPD write cycles"),
  at(255, 255, "mec", MEC, "Management endpoints"),
] as const;
