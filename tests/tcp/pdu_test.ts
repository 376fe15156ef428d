// NVMe/TCP PDU headers against bytes typed from another source (the kernel's and SPDK's headers).

import { assertEquals } from "@std/assert";
import {
  C2HData,
  C2HTermReq,
  CapsuleCmd,
  CapsuleResp,
  CommonHeader,
  H2CData,
  H2CTermReq,
  ICReq,
  ICResp,
  pdu,
  PDU_TYPE,
  PDU_TYPE_NAMES,
  R2T,
  SGL_COMMAND_BUFFER,
  SGL_IN_CAPSULE,
  SglDescriptor,
} from "../../src/tcp/pdu.ts";
import { structureTests } from "../support/structure.ts";

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (digits) => parseInt(digits, 16));
}

structureTests(CommonHeader, {
  bytes: bytesOf("07 0c 18 18 18 10 00 00"),
  decoded: { type: 7, flags: 0x0c, hlen: 24, pdo: 24, plen: 0x1018 },
  encoded: { type: 7, flags: 0x0c, hlen: 24, pdo: 24, plen: 0x1018 },
});

structureTests(ICReq, {
  bytes: bytesOf("00 80 80 00 80 00 00 00  00 00 1f 03 02 00 00 00"),
  decoded: {
    type: 0,
    hlen: 128,
    plen: 128,
    pfv: 0,
    digest: { header: true, data: true, value: 3 },
  },
  encoded: {
    type: 0,
    flags: { kickstart: true },
    hlen: 128,
    plen: 128,
    hpda: 31,
    digest: { header: true, data: true },
    maxr2t: 2,
  },
});

structureTests(ICResp, {
  bytes: bytesOf("01 00 80 00 80 00 00 00  00 00 0f 01 00 00 02 00"),
  decoded: { maxh2cdata: 0x20000, digest: { header: true, data: false, value: 1 } },
  encoded: {
    type: 1,
    hlen: 128,
    plen: 128,
    cpda: 15,
    digest: { header: true },
    maxh2cdata: 0x20000,
  },
});

structureTests(H2CTermReq, {
  bytes: bytesOf("02 00 18 00 30 00 00 00  05 00 78 56 34 12"),
  decoded: { fes: 5, fei: 0x12345678, plen: 48 },
  encoded: { type: 2, hlen: 24, plen: 48, fes: 5, fei: 0x12345678 },
});

structureTests(C2HTermReq, {
  bytes: bytesOf("03 00 18 00 98 00 00 00  01 00 0a 00 00 00"),
  decoded: { fes: 1, fei: 10, plen: 152 },
  encoded: { type: 3, hlen: 24, plen: 152, fes: 1, fei: 10 },
});

structureTests(CapsuleCmd, {
  bytes: bytesOf("04 03 48 4c 50 00 00 00  06 40 34 12 ff ff ff ff"),
  decoded: { flags: { hdgst: true, ddgst: true, value: 3 }, hlen: 72, pdo: 76, plen: 80 },
  encoded: {
    type: 4,
    flags: { hdgst: true, ddgst: true },
    hlen: 72,
    pdo: 76,
    plen: 80,
    sqe: { opcode: 6, flags: { psdt: 1 }, cid: 0x1234, nsid: 0xffffffff },
  },
});

structureTests(CapsuleResp, {
  bytes: bytesOf(
    "05 00 18 00 18 00 00 00  78 56 34 12 00 00 00 00  01 00 02 00 34 12 12 82",
  ),
  decoded: { flags: { hdgst: false, value: 0 } },
  encoded: {
    type: 5,
    hlen: 24,
    plen: 24,
    cqe: { dw0: 0x12345678, sqhd: 1, sqid: 2, cid: 0x1234, status: { status: 0x4109 } },
  },
});

structureTests(H2CData, {
  bytes: bytesOf("06 04 18 18 18 10 00 00  34 12 78 56 00 20 00 00  00 10 00 00"),
  decoded: { flags: { hdgst: false, ddgst: false, last: true, value: 4 }, ttag: 0x5678 },
  encoded: {
    type: 6,
    flags: { last: true },
    hlen: 24,
    pdo: 24,
    plen: 0x1018,
    cccid: 0x1234,
    ttag: 0x5678,
    datao: 0x2000,
    datal: 0x1000,
  },
});

structureTests(C2HData, {
  bytes: bytesOf("07 0c 18 18 18 10 00 00  34 12 00 00 00 20 00 00  00 10 00 00"),
  decoded: { cccid: 0x1234, datao: 0x2000, datal: 0x1000 },
  encoded: {
    type: 7,
    flags: { last: true, success: true },
    hlen: 24,
    pdo: 24,
    plen: 0x1018,
    cccid: 0x1234,
    datao: 0x2000,
    datal: 0x1000,
  },
});

structureTests(R2T, {
  bytes: bytesOf("09 01 18 00 1c 00 00 00  34 12 78 56 00 20 00 00  00 10 00 00"),
  decoded: { flags: { hdgst: true, value: 1 }, r2to: 0x2000, r2tl: 0x1000 },
  encoded: {
    type: 9,
    flags: { hdgst: true },
    hlen: 24,
    plen: 28,
    cccid: 0x1234,
    ttag: 0x5678,
    r2to: 0x2000,
    r2tl: 0x1000,
  },
});

structureTests(SglDescriptor, {
  bytes: bytesOf("00 00 00 00 00 00 00 00  00 10 00 00 00 00 00 5a"),
  decoded: { length: 4096, identifier: { subtype: 0xa, type: 5, value: 0x5a } },
  encoded: { length: 4096, identifier: SGL_COMMAND_BUFFER },
});

Deno.test("SGL identifiers are a type and a subtype", () => {
  const inCapsule = SglDescriptor.decode(SglDescriptor.encode({ identifier: SGL_IN_CAPSULE }));
  assertEquals([inCapsule.identifier.type, inCapsule.identifier.subtype], [0, 1]);
});

Deno.test("PDU types name themselves, and bit 0 is the direction", () => {
  assertEquals(Object.values(PDU_TYPE).map(Number), Object.keys(PDU_TYPE_NAMES).map(Number));
  for (const [type, name] of Object.entries(PDU_TYPE_NAMES)) {
    const fromDrive = /^(ICResp|C2H|CapsuleResp|R2T)/.test(name);
    assertEquals(Number(type) & 1, fromDrive ? 1 : 0, name);
  }
});

Deno.test("pdu() fills in type and lengths and appends the data", () => {
  const data = Uint8Array.of(1, 2, 3, 4);
  const bytes = pdu(PDU_TYPE.c2hData, C2HData, { cccid: 5, datal: 4, flags: { last: true } }, data);
  assertEquals(
    bytes,
    bytesOf("07 04 18 18 1c 00 00 00  05 00 00 00 00 00 00 00  04 00 00 00 00 00 00 00  1 2 3 4"),
  );
});

Deno.test("pdu() leaves the data offset zero where there is no data", () => {
  const header = CommonHeader.decode(pdu(PDU_TYPE.capsuleCmd, CapsuleCmd, {}));
  assertEquals(header, { type: 4, flags: 0, hlen: 72, pdo: 0, plen: 72 });
});
