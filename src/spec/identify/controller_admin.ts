// Identify Controller, bytes 256 to 511: Admin commands and optional capabilities.

import {
  at,
  bit,
  bits,
  byteCount,
  except,
  formatBinaryBytes,
  hex,
  measured,
  milliseconds,
  minutes,
  type Names,
  range,
  reserved,
  seconds,
  u128,
  u16,
  u32,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { optionalKelvin } from "../units.ts";
import { whenZero, worded } from "./codecs.ts";
import { blocksOf, hundredMilliseconds } from "./units.ts";

const NOT_REPORTED = "not reported";

const OACS = bits(u16, {
  ssrs: bit(0, "Security Send and Receive"),
  fnvms: bit(1, "Format NVM"),
  fwds: bit(2, "Firmware Commit and Image Download"),
  nms: bit(3, "Namespace Management"),
  dsts: bit(4, "Device Self-test"),
  dirs: bit(5, "Directives"),
  nsrs: bit(6, "NVMe-MI Send and Receive"),
  vms: bit(7, "Virtualization Management"),
  dbcs: bit(8, "Doorbell Buffer Config"),
  glss: bit(9, "Get LBA Status"),
  cfls: bit(10, "Command and Feature Lockdown"),
  hmlms: bit(11, "Host Managed Live Migration"),
});

const FRMW = bits(u8, {
  ffsro: bit(0, "slot 1 is read-only"),
  nofs: range(3, 1, "firmware slots"),
  fawr: bit(4, "activates without reset"),
  smud: bit(5, "detects overlapping updates"),
});

const LPA = bits(u8, {
  smarts: bit(0, "SMART per namespace"),
  cses: bit(1, "Commands Supported and Effects"),
  lpeds: bit(2, "extended data (offset and long length)"),
  ts: bit(3, "Telemetry"),
  pes: bit(4, "Persistent Event"),
  mlps: bit(5, "Supported Log Pages and further effects pages"),
  da4s: bit(6, "Telemetry data area 4"),
});

const AVSCC = bits(u8, { vscf: bit(0, "all use the standard format") });

const APSTA = bits(u8, { apts: bit(0, "supported") });

/** How all RPMBs authenticate an access [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const RPMB_AUTHENTICATION: Names = { 0: "HMAC SHA-256" };

const RPMBS = worded(
  bits(u32, {
    nrpmbu: range(2, 0, "units"),
    authm: range(5, 3, "authentication", { names: RPMB_AUTHENTICATION }),
    tsze: range(23, 16, "size in 128 KiB, 0's based"),
    asze: range(31, 24, "access size in 512 bytes, 0's based"),
  }),
  ({ nrpmbu, authm, tsze, asze }) =>
    nrpmbu === 0 ? "not supported" : [
      `${nrpmbu} of ${formatBinaryBytes((tsze + 1) * 128 * 1024)}`,
      `at most ${formatBinaryBytes((asze + 1) * 512)} an access`,
      RPMB_AUTHENTICATION[authm] ?? `authentication method ${authm}`,
    ].join(", "),
);

const DSTO = bits(u8, {
  sdso: bit(0, "one self-test at a time in the NVM subsystem"),
  hirs: bit(1, "host-initiated refresh"),
});

const HCTMA = bits(u16, { hctms: bit(0, "supported") });

const SANICAP = whenZero(
  bits(u32, {
    ces: bit(0, "crypto erase"),
    bes: bit(1, "block erase"),
    ows: bit(2, "overwrite"),
    vers: bit(3, "media verification"),
    ndi: bit(29, "cannot keep blocks allocated"),
    nodmmas: range(31, 30, "further changes to the media", {
      names: { 0: "not defined", 1: "none", 2: "with No-Deallocate After Sanitize" },
    }),
  }),
  "not supported",
);

const ANACAP = bits(u8, {
  ranaos: bit(0, "reports optimized"),
  rananos: bit(1, "reports non-optimized"),
  ranais: bit(2, "reports inaccessible"),
  ranapls: bit(3, "reports persistent loss"),
  ranacs: bit(4, "reports change"),
  anagidlwas: bit(6, "groups stay while a namespace is attached"),
  anagids: bit(7, "takes a group when a namespace is created"),
});

const KPIOC = bits(u8, {
  kpios: bit(0, "supported"),
  kpiosc: bit(1, "for all namespaces at once"),
});

const TMPTHHA = bits(u8, { tmpthmh: range(2, 0, "at most kelvins") });

const FOUR_KIB = measured(u32, blocksOf(4096));

const FIRMWARE_GRANULARITY = except(
  except(measured(u8, blocksOf(4096)), 0, NOT_REPORTED),
  0xff,
  "no restriction",
);

/** Admin Command Set Attributes and the like [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const ADMIN_ROWS = [
  at(256, 257, "oacs", OACS, "Optional Admin commands", { brief: true }),
  at(258, 258, "acl", zeroBasedCount(u8), "Abort commands at a time"),
  at(259, 259, "aerl", zeroBasedCount(u8), "Asynchronous Event Requests at a time"),
  at(260, 260, "frmw", FRMW, "Firmware updates", { brief: true }),
  at(261, 261, "lpa", LPA, "Log pages", { brief: true }),
  at(262, 262, "elpe", zeroBasedCount(u8), "Error log entries"),
  at(263, 263, "npss", zeroBasedCount(u8), "Power states", { brief: true }),
  at(264, 264, "avscc", AVSCC, "Vendor specific Admin commands"),
  at(265, 265, "apsta", APSTA, "Autonomous power state transitions", { since: "1.1" }),
  at(266, 267, "wctemp", measured(u16, optionalKelvin), "Warning temperature", {
    brief: true,
    since: "1.2",
  }),
  at(268, 269, "cctemp", measured(u16, optionalKelvin), "Critical temperature", {
    brief: true,
    since: "1.2",
  }),
  at(
    270,
    271,
    "mtfa",
    except(measured(u16, hundredMilliseconds), 0, "undefined"),
    "Longest pause to activate firmware",
    { since: "1.2" },
  ),
  at(272, 275, "hmpre", except(FOUR_KIB, 0, "not supported"), "Host memory buffer, preferred", {
    since: "1.2",
  }),
  at(276, 279, "hmmin", except(FOUR_KIB, 0, "no minimum"), "Host memory buffer, minimum", {
    since: "1.2",
  }),
  at(
    280,
    295,
    "tnvmcap",
    except(measured(u128, byteCount), 0n, NOT_REPORTED),
    "Total capacity",
    { brief: true, since: "1.2" },
  ),
  at(296, 311, "unvmcap", measured(u128, byteCount), "Unallocated capacity", {
    brief: true,
    since: "1.2",
  }),
  at(312, 315, "rpmbs", RPMBS, "Replay protected memory blocks", { since: "1.2" }),
  at(
    316,
    317,
    "edstt",
    except(measured(u16, minutes), 0, NOT_REPORTED),
    "Extended self-test time",
    {
      brief: true,
      since: "1.3",
    },
  ),
  at(318, 318, "dsto", DSTO, "Self-test options", { since: "1.3" }),
  at(319, 319, "fwug", FIRMWARE_GRANULARITY, "Firmware image granularity", { since: "1.3" }),
  at(
    320,
    321,
    "kas",
    except(measured(u16, hundredMilliseconds), 0, "not supported"),
    "Keep alive granularity",
    { since: "1.2.1" },
  ),
  at(322, 323, "hctma", HCTMA, "Host controlled thermal management", { since: "1.3" }),
  at(324, 325, "mntmt", measured(u16, optionalKelvin), "Lowest thermal management temperature", {
    since: "1.3",
  }),
  at(326, 327, "mxtmt", measured(u16, optionalKelvin), "Highest thermal management temperature", {
    since: "1.3",
  }),
  at(328, 331, "sanicap", SANICAP, "Sanitize", { brief: true, since: "1.3" }),
  at(332, 335, "hmminds", except(FOUR_KIB, 0, "no limit"), "Host memory descriptor, smallest", {
    since: "1.4",
  }),
  at(336, 337, "hmmaxd", except(u16, 0, "no limit"), "Host memory descriptors, most", {
    since: "1.4",
  }),
  at(338, 339, "nsetidmax", u16, "Highest NVM set identifier", { since: "1.4" }),
  at(340, 341, "endgidmax", u16, "Highest endurance group identifier", { since: "1.4" }),
  at(342, 342, "anatt", except(measured(u8, seconds), 0, NOT_REPORTED), "ANA transition time", {
    since: "1.4",
  }),
  at(343, 343, "anacap", ANACAP, "Asymmetric namespace access", { since: "1.4" }),
  at(344, 347, "anagrpmax", u32, "Highest ANA group identifier", { since: "1.4" }),
  at(348, 351, "nanagrpid", u32, "ANA groups", { since: "1.4" }),
  at(
    352,
    355,
    "pels",
    except(measured(u32, blocksOf(64 * 1024)), 0, NOT_REPORTED),
    "Persistent event log size",
    { since: "1.4" },
  ),
  at(356, 357, "domainid", hex(u16), "Domain identifier", { since: "2.0" }),
  at(358, 358, "kpioc", KPIOC, "Key per I/O", { since: "2.1" }),
  reserved(359, 359),
  at(
    360,
    361,
    "mptfawr",
    except(measured(u16, hundredMilliseconds), 0, NOT_REPORTED),
    "Longest firmware activation without reset",
    { since: "2.1" },
  ),
  reserved(362, 367),
  at(
    368,
    383,
    "megcap",
    except(measured(u128, byteCount), 0n, NOT_REPORTED),
    "Largest endurance group",
    { since: "2.0" },
  ),
  at(384, 384, "tmpthha", TMPTHHA, "Temperature threshold hysteresis", { since: "2.1" }),
  reserved(385, 385),
  at(
    386,
    387,
    "cqt",
    except(measured(u16, milliseconds), 0, NOT_REPORTED),
    "Command quiesce time",
    {
      since: "2.1",
    },
  ),
  reserved(388, 511),
] as const;
