// Identify Controller as a whole.

import { assertEquals } from "@std/assert";
import { fromCount } from "../../../src/layout/mod.ts";
import {
  IdentifyController,
  maximumTransferBytes,
  powerStates,
} from "../../../src/spec/identify/identify_controller.ts";
import { CONTROLLER_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { texts } from "./texts.ts";
import { CONTROLLER_WITNESS } from "./witness.ts";
import { witnessTests } from "../log/witness.ts";

/** The fields that are a value as a whole. */
const PLAIN = {
  vid: 0x1b36,
  ssvid: 0x1af4,
  sn: "S4EWNX0R123456",
  mn: "QEMU NVMe Ctrl",
  fr: "8.0.0",
  rab: 6,
  ieee: 0xabcdef,
  mdts: 7,
  cntlid: 0x0102,
  rtd3r: 500_000,
  rtd3e: 5_000_000,
  nssl: 10_000,
  cntrltype: 1,
  fguid: Uint8Array.from({ length: 16 }, (_, at) => at),
  crdt1: 1,
  crdt2: 10,
  crdt3: 100,
  acl: fromCount(4, 256),
  aerl: fromCount(8, 256),
  elpe: fromCount(64, 256),
  npss: fromCount(5, 32),
  wctemp: 343,
  cctemp: 353,
  mtfa: 50,
  hmpre: 16_384,
  hmmin: 4096,
  tnvmcap: 1_000_204_886_016n,
  unvmcap: 2n ** 64n + 1n,
  edstt: 35,
  fwug: 1,
  kas: 10,
  mntmt: 273,
  mxtmt: 356,
  hmminds: 8,
  hmmaxd: 32,
  nsetidmax: 4,
  endgidmax: 2,
  anatt: 10,
  anagrpmax: 128,
  nanagrpid: 16,
  pels: 32,
  domainid: 1,
  mptfawr: 300,
  megcap: 2_000_409_772_032n,
  cqt: 500,
  maxcmd: 1024,
  nn: 256,
  awun: fromCount(128, 65_536),
  awupf: fromCount(8, 65_536),
  acwu: fromCount(4, 65_536),
  mnan: 128,
  maxdna: 512n,
  maxcna: 64,
  oaqd: 2048,
  rhiri: 30,
  hirt: 90,
  cmmrtd: 8,
  nmmrtd: 16,
  minmrtg: 1,
  maxmrtg: 8,
  mcudmq: 2,
  mnsudmq: 4,
  mcmr: 5,
  nmcmr: 10,
  mcdqpc: 64,
  subnqn: "nqn.2019-08.org.qemu:deadbeef",
  ioccsz: 260,
  iorcsz: 1,
  icdoff: 2,
  msdbd: 16,
  dctype: 2,
  vs: Uint8Array.from({ length: 1024 }, (_, at) => [0xde, 0xad, 0xbe, 0xef][at] ?? 0),
};

/** The fields that are words of bits. */
const WORDS = {
  cmic: 0x0b,
  ver: 0x00010400,
  oaes: 0x80000b00,
  ctratt: 0x00088291,
  rrls: 0x8010,
  bpcap: 0x06,
  plsi: 0x03,
  crcap: 0x01,
  nvmsr: 0x01,
  vwci: 0xa0,
  mec: 0x03,
  oacs: 0x015e,
  frmw: 0x17,
  lpa: 0x0f,
  avscc: 0x01,
  apsta: 0x01,
  rpmbs: 0x3f1f0002,
  dsto: 0x01,
  hctma: 0x0001,
  sanicap: 0xa0000003,
  anacap: 0xdf,
  kpioc: 0x03,
  tmpthha: 0x05,
  sqes: 0x66,
  cqes: 0x44,
  oncs: 0x015f,
  fuses: 0x0001,
  fna: 0x04,
  vwc: 0x07,
  icsvscc: 0x01,
  nwpc: 0x07,
  ocfs: 0x0003,
  sgls: 0x000f0801,
  trattr: 0x07,
  fcatt: 0x01,
  ofcs: 0x0001,
};

/** Power states 0 and 4; those between say nothing. */
const STATES = [
  {
    power: { mp: 2500 },
    enlat: 16,
    exlat: 4,
    idle: { idlp: 350, ips: 2 },
    active: { actp: 1800, apw: 2, aps: 2 },
    powerLoss: { epfrt: 10, fqvt: 5, epfvt: 20, epfrts: 6, fqvts: 5, epfvts: 4 },
  },
  {},
  {},
  {},
  {
    power: { mp: 50, mxps: true, nops: true },
    enlat: 10_000,
    exlat: 45_000,
    relative: { rrt: 4, rrl: 3, rwt: 2, rwl: 1 },
    idle: { idlp: 25, ips: 1 },
  },
];

structureTests(IdentifyController, {
  bytes: CONTROLLER_IMAGE,
  decoded: PLAIN,
  encoded: { ...PLAIN, ...WORDS, psd: STATES },
});

witnessTests(IdentifyController, CONTROLLER_WITNESS);

Deno.test("IdentifyController decodes every word of bits, and has no field beside", () => {
  const controller = IdentifyController.decode(CONTROLLER_IMAGE);
  for (const [name, word] of Object.entries(WORDS)) {
    assertEquals(controller[name as keyof typeof WORDS].value, word, name);
  }
  const known = [...Object.keys(PLAIN), ...Object.keys(WORDS), "psd"];
  assertEquals(Object.keys(controller).sort(), known.sort());
});

Deno.test("IdentifyController shows what matters in the words of an administrator", () => {
  const words = texts(IdentifyController, CONTROLLER_IMAGE);
  const brief = IdentifyController.rows.filter((row) => row.brief).map(({ name }) => [
    name,
    words[name],
  ]);
  assertEquals(brief, [
    ["vid", "0x1b36"],
    ["sn", "S4EWNX0R123456"],
    ["mn", "QEMU NVMe Ctrl"],
    ["fr", "8.0.0"],
    ["mdts", "128 × the minimum page size (512 KiB for 4 KiB pages)"],
    ["cntlid", "0x0102"],
    ["ver", "1.4.0"],
    ["cntrltype", "I/O controller"],
    [
      "oacs",
      "Format NVM, Firmware Commit and Image Download, Namespace Management, Device Self-test, " +
      "NVMe-MI Send and Receive, Doorbell Buffer Config",
    ],
    ["frmw", "slot 1 is read-only, firmware slots: 3, activates without reset"],
    [
      "lpa",
      "SMART per namespace, Commands Supported and Effects, " +
      "extended data (offset and long length), Telemetry",
    ],
    ["npss", "5"],
    ["wctemp", "70 °C (343 K)"],
    ["cctemp", "80 °C (353 K)"],
    ["tnvmcap", "1.00 TB (1,000,204,886,016 bytes)"],
    ["unvmcap", "18.4 EB (18,446,744,073,709,551,617 bytes)"],
    ["edstt", "35 min"],
    [
      "sanicap",
      "crypto erase, block erase, cannot keep blocks allocated, " +
      "further changes to the media: with No-Deallocate After Sanitize",
    ],
    ["nn", "256"],
    [
      "oncs",
      "Compare, Write Uncorrectable, Dataset Management, Write Zeroes, " +
      "saved and selected features, Timestamp, Copy",
    ],
    ["fna", "cryptographic erase"],
    ["vwc", "present, Flush of NSID FFFFFFFFh: supported"],
    ["subnqn", "nqn.2019-08.org.qemu:deadbeef"],
  ]);
});

Deno.test("IdentifyController gives machines snake_case keys, units and exact digits", () => {
  const json = IdentifyController.json(IdentifyController.decode(CONTROLLER_IMAGE));
  assertEquals(json["ver"], { value: 0x10400, text: "1.4.0", ter: 0, mnr: 4, mjr: 1 });
  assertEquals(json["cntrltype"], { value: 1, text: "I/O controller" });
  assertEquals(json["wctemp_celsius"], 70);
  assertEquals(json["mtfa_ms"], 5000);
  assertEquals(json["hmpre_bytes"], 64 * 1024 * 1024);
  assertEquals(json["unvmcap_s"], "18446744073709551617");
  assertEquals(json["elpe"], 63);
  assertEquals(json["ieee"], 0xabcdef);
  // Descriptors behind the last one that says something are left out.
  assertEquals((json["psd"] as readonly unknown[]).length, 5);
});

Deno.test("IdentifyController says nothing of a vendor's bytes that are all zero", () => {
  const json = IdentifyController.json(IdentifyController.decode(new Uint8Array(4096)));
  assertEquals(json["vs"], null);
  assertEquals(json["psd"], []);
});

Deno.test("powerStates() ends with the last state that the controller has", () => {
  const controller = IdentifyController.decode(CONTROLLER_IMAGE);
  assertEquals(controller.psd.length, 32);
  assertEquals(powerStates(controller).map(({ power }) => power.mp), [2500, 0, 0, 0, 50]);
});

Deno.test("maximumTransferBytes() scales MDTS by the smallest page, and knows no limit", () => {
  const controller = IdentifyController.decode(CONTROLLER_IMAGE);
  assertEquals(maximumTransferBytes(controller, 4096), 512 * 1024);
  assertEquals(maximumTransferBytes(controller, 8192), 1024 * 1024);
  assertEquals(maximumTransferBytes({ mdts: 0 }, 4096), undefined);
});
