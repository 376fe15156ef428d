// Identify Namespace.

import { assertEquals } from "@std/assert";
import { fromCount, type ZeroBased } from "../../../src/layout/mod.ts";
import {
  currentFormat,
  formatCount,
  IdentifyNamespace,
  supportedFormats,
} from "../../../src/spec/identify/identify_namespace.ts";
import { NAMESPACE_64_IMAGE, NAMESPACE_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import { NAMESPACE_WITNESS } from "./witness.ts";

const BLOCKS_MAX = 65_536;

/** The fields that are a value as a whole. */
const PLAIN = {
  nsze: 1_953_525_168n,
  ncap: 1_953_525_168n,
  nuse: 1_000_000n,
  nlbaf: fromCount(2, 64),
  nawun: fromCount(8, BLOCKS_MAX),
  nawupf: 0 as ZeroBased,
  nacwu: fromCount(2, BLOCKS_MAX),
  nabsn: fromCount(256, BLOCKS_MAX),
  nabo: 8,
  nabspf: fromCount(128, BLOCKS_MAX),
  noiob: 256,
  nvmcap: 1_000_204_886_016n,
  npwg: fromCount(8, BLOCKS_MAX),
  npwa: fromCount(4, BLOCKS_MAX),
  npdg: fromCount(64, BLOCKS_MAX),
  npda: fromCount(32, BLOCKS_MAX),
  nows: fromCount(256, BLOCKS_MAX),
  mssrl: 128,
  mcl: 2048,
  msrc: fromCount(128, 256),
  nulbaf: 1,
  kpiodaag: fromCount(16, 2 ** 32),
  anagrpid: 3,
  nvmsetid: 2,
  endgid: 4,
  nguid: Uint8Array.of(
    ...[0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10],
    ...[0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89],
  ),
  eui64: Uint8Array.of(0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89),
  vs: Uint8Array.from({ length: 3712 }, (_, at) => at === 0 ? 0x5a : 0),
};

/** The fields that are words of bits. */
const WORDS = {
  nsfeat: 0x16,
  flbas: 0x11,
  mc: 0x03,
  dpc: 0x1f,
  dps: 0x09,
  nmic: 0x01,
  rescap: 0xff,
  fpi: 0x99,
  dlfeat: 0x19,
  kpios: 0x03,
  nsattr: 0x01,
};

const FORMATS = [{ lbads: 9, rp: 2 }, { ms: 8, lbads: 12 }, { ms: 64, lbads: 12, rp: 1 }];

structureTests(IdentifyNamespace, {
  bytes: NAMESPACE_IMAGE,
  decoded: PLAIN,
  encoded: { ...PLAIN, ...WORDS, lbaf: FORMATS },
});

witnessTests(IdentifyNamespace, NAMESPACE_WITNESS);

Deno.test("IdentifyNamespace decodes every word of bits, and has no field beside", () => {
  const namespace = IdentifyNamespace.decode(NAMESPACE_IMAGE);
  for (const [name, word] of Object.entries(WORDS)) {
    assertEquals(namespace[name as keyof typeof WORDS].value, word, name);
  }
  const known = [...Object.keys(PLAIN), ...Object.keys(WORDS), "lbaf"];
  assertEquals(Object.keys(namespace).sort(), known.sort());
});

Deno.test("IdentifyNamespace reads in plain words", () => {
  assertEquals(texts(IdentifyNamespace, NAMESPACE_IMAGE), {
    nsze: "1,953,525,168 blocks",
    ncap: "1,953,525,168 blocks",
    nuse: "1,000,000 blocks",
    nsfeat: "atomic sizes of its own, deallocated or unwritten block error, " +
      "optimal write sizes: with NPDG",
    nlbaf: "2",
    flbas: "format 1, metadata at the end of the block",
    mc: "at the end of the block, in a separate buffer",
    dpc: "type 1, type 2, type 3, in the first bytes of the metadata, " +
      "in the last bytes of the metadata",
    dps: "type 1, in the first bytes of the metadata",
    nmic: "shared",
    rescap: "persist through power loss, write exclusive, exclusive access, " +
      "write exclusive (registrants only), exclusive access (registrants only), " +
      "write exclusive (all registrants), exclusive access (all registrants), " +
      "ignores the existing key as revision 1.3 says",
    fpi: "25 % remaining",
    dlfeat: "deallocated blocks read: all 00h, Write Zeroes can deallocate, their guard is a CRC",
    nawun: "8 blocks",
    nawupf: "as the controller says",
    nacwu: "2 blocks",
    nabsn: "256 blocks",
    nabo: "8",
    nabspf: "128 blocks",
    noiob: "256 blocks",
    nvmcap: "1.00 TB (1,000,204,886,016 bytes)",
    npwg: "8 blocks",
    npwa: "4 blocks",
    npdg: "64 blocks",
    npda: "32 blocks",
    nows: "256 blocks",
    mssrl: "128 blocks",
    mcl: "2,048 blocks",
    msrc: "128",
    kpios: "enabled, supported",
    nulbaf: "1",
    kpiodaag: "16 blocks",
    anagrpid: "3",
    nsattr: "write protected",
    nvmsetid: "2",
    endgid: "4",
    nguid: "fedcba9876543210abcdef0123456789",
    eui64: "abcdef0123456789",
    lbaf: "0: 512 B, good performance; 1: 4 KiB + 8 B metadata, best performance; " +
      "2: 4 KiB + 64 B metadata, better performance",
    vs: `5a${"00".repeat(31)}… (3712 bytes)`,
  });
});

Deno.test("IdentifyNamespace of an inactive namespace promises nothing", () => {
  const words = texts(IdentifyNamespace, new Uint8Array(4096));
  assertEquals(words["nsze"], "0 blocks");
  assertEquals(words["dps"], "not enabled");
  assertEquals(words["noiob"], "not reported");
  assertEquals(words["nabsn"], "no boundary");
  assertEquals(words["nguid"], "none");
  assertEquals(words["lbaf"], "none");
  const namespace = IdentifyNamespace.decode(new Uint8Array(4096));
  assertEquals(supportedFormats(namespace), []);
  assertEquals(currentFormat(namespace), undefined);
});

Deno.test("formatCount() adds the formats with attributes of their own", () => {
  assertEquals(formatCount({ nlbaf: fromCount(1, 64), nulbaf: 0 }), 1);
  assertEquals(formatCount(IdentifyNamespace.decode(NAMESPACE_IMAGE)), 3);
  assertEquals(formatCount(IdentifyNamespace.decode(NAMESPACE_64_IMAGE)), 64);
  assertEquals(formatCount(IdentifyNamespace.decode(new Uint8Array(4096).fill(0xff))), 64);
});

Deno.test("supportedFormats() leaves out what is not available, and keeps the index", () => {
  const formats = supportedFormats(IdentifyNamespace.decode(NAMESPACE_64_IMAGE));
  assertEquals(
    formats.map(({ index, blockBytes, metadataBytes }) => [index, blockBytes, metadataBytes]),
    [[0, 512, 0], [15, 4096, 0], [63, 4096, 16]],
  );
});

Deno.test("supportedFormats() does not look behind the last format", () => {
  const namespace = IdentifyNamespace.decode(NAMESPACE_IMAGE);
  const formats = supportedFormats({ ...namespace, nulbaf: 0 });
  assertEquals(formats.map(({ index }) => index), [0, 1]);
});

Deno.test("currentFormat() finds a format beyond the sixteenth", () => {
  assertEquals(currentFormat(IdentifyNamespace.decode(NAMESPACE_IMAGE))?.index, 1);
  const current = currentFormat(IdentifyNamespace.decode(NAMESPACE_64_IMAGE));
  assertEquals([current?.index, current?.blockBytes, current?.metadataBytes], [63, 4096, 16]);
});

Deno.test("currentFormat() ignores the upper bits where there are not more than 16 formats", () => {
  const namespace = IdentifyNamespace.decode(NAMESPACE_64_IMAGE);
  assertEquals(currentFormat({ ...namespace, nulbaf: 0 })?.index, 15);
});
