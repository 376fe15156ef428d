// Outgoing PDUs against bytes made by hand (digests by a bitwise CRC in another language), and
// against the header tables.

import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type Framing, PLAIN_FRAMING } from "../../src/tcp/framing.ts";
import {
  C2HData,
  C2HTermReq,
  CapsuleCmd,
  CapsuleResp,
  H2CData,
  H2CTermReq,
  pdu,
  PDU_FLAG,
  PDU_TYPE,
  R2T,
} from "../../src/tcp/pdu.ts";
import { PduWriter, termReq } from "../../src/tcp/pdu_writer.ts";
import { PduViolation } from "../../src/tcp/violation.ts";

const BOTH: Framing = { headerDigest: true, dataDigest: true, alignment: 4 };
const SQE = Uint8Array.from({ length: 64 }, (_, at) => 0x40 + at);
const DATA = Uint8Array.from({ length: 12 }, (_, at) => at + 1);
const DATA_HEX = "01 02 03 04 05 06 07 08 09 0a 0b 0c";
const SQE_HEX = hex(SQE);

const response = {
  dw0: 0x12345678,
  dw1: 0x9abcdef0,
  sqhd: 7,
  sqid: 2,
  cid: 0x4321,
  status: 0x4002,
};
const asked = { cccid: 0x1234, ttag: 0x5678, r2to: 0x2000, r2tl: 0x1000 };
const toHost = { cccid: 0x1234, datao: 0x2000, last: true, success: true };
const toController = { cccid: 0x1234, ttag: 0x5678, datao: 0x2000, last: true };

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

Deno.test("PduWriter writes response capsules and R2Ts with their digest", () => {
  const writer = new PduWriter(BOTH);
  assertEquals(
    hex(writer.capsuleResp(response)),
    "05 01 18 00 1c 00 00 00 78 56 34 12 f0 de bc 9a 07 00 02 00 21 43 04 80 98 ab d3 5a",
  );
  assertEquals(
    hex(writer.r2t(asked)),
    "09 01 18 00 1c 00 00 00 34 12 78 56 00 20 00 00 00 10 00 00 00 00 00 00 f7 23 3b 66",
  );
});

Deno.test("PduWriter pads data to the alignment and protects it, the padding excluded", () => {
  assertEquals(
    hex(new PduWriter({ ...BOTH, alignment: 16 }).c2hData(toHost, DATA)),
    "07 0f 18 20 30 00 00 00 34 12 00 00 00 20 00 00 0c 00 00 00 00 00 00 00 85 87 65 dc " +
      `00 00 00 00 ${DATA_HEX} 63 55 a1 51`,
  );
  assertEquals(
    hex(new PduWriter({ ...BOTH, headerDigest: false, alignment: 64 }).h2cData(toController, DATA)),
    "06 06 18 40 50 00 00 00 34 12 78 56 00 20 00 00 0c 00 00 00 00 00 00 00 " +
      `${"00 ".repeat(40)}${DATA_HEX} 63 55 a1 51`,
  );
});

Deno.test("PduWriter writes command capsules with and without data", () => {
  const writer = new PduWriter(BOTH);
  assertEquals(
    hex(writer.capsuleCmd(SQE, DATA)),
    `04 03 48 4c 5c 00 00 00 ${SQE_HEX} 9a e2 a1 9d ${DATA_HEX} 63 55 a1 51`,
  );
  const bare = `04 01 48 00 4c 00 00 00 ${SQE_HEX} 9c 07 54 5e`;
  assertEquals(hex(writer.capsuleCmd(SQE)), bare);
  assertEquals(hex(writer.capsuleCmd(SQE, new Uint8Array())), bare);
});

Deno.test("PduWriter writes what the header tables encode", () => {
  const writer = new PduWriter();
  const { dw0, dw1, sqhd, sqid, cid, status } = response;
  const cqe = { dw0, dw1, sqhd, sqid, cid, status: { status } };
  assertEquals(writer.capsuleResp(response), pdu(PDU_TYPE.capsuleResp, CapsuleResp, { cqe }));
  assertEquals(writer.r2t(asked), pdu(PDU_TYPE.r2t, R2T, asked));
  const { last, success, ...c2h } = toHost;
  assertEquals(
    writer.c2hData(toHost, DATA),
    pdu(PDU_TYPE.c2hData, C2HData, { ...c2h, datal: 12, flags: { last, success } }, DATA),
  );
  const { last: final, ...h2c } = toController;
  assertEquals(
    writer.h2cData(toController, DATA),
    pdu(PDU_TYPE.h2cData, H2CData, { ...h2c, datal: 12, flags: { last: final } }, DATA),
  );
  const sqe = { opcode: 2, cid: 9, nsid: 1, cdw12: 7 };
  const whole = pdu(PDU_TYPE.capsuleCmd, CapsuleCmd, { sqe }, DATA);
  assertEquals(writer.capsuleCmd(whole.subarray(8, 72), DATA), whole);
});

Deno.test("PduWriter leaves out flags that are not set, and fields that are not given", () => {
  const writer = new PduWriter();
  const data = C2HData.decode(writer.c2hData({ cccid: 1, datao: 0, last: false }, DATA));
  assertEquals(data.flags.value, 0);
  const final = C2HData.decode(writer.c2hData({ cccid: 1, datao: 0, last: true }, DATA));
  assertEquals(final.flags.value, PDU_FLAG.last);
  const more = H2CData.decode(writer.h2cData({ ...toController, last: false }, DATA));
  assertEquals(more.flags.value, 0);
  const { cqe } = CapsuleResp.decode(writer.capsuleResp({ cid: 5 }));
  assertEquals(cqe, {
    dw0: 0,
    dw1: 0,
    sqhd: 0,
    sqid: 0,
    cid: 5,
    status: { status: 0, phase: false },
  });
});

Deno.test("PDU_FLAG names the bits that the header tables have", () => {
  const { headerDigest, dataDigest, last, success } = PDU_FLAG;
  const flags = (value: number) => C2HData.decode(pdu(7, C2HData, { flags: value })).flags;
  assertEquals(flags(headerDigest), { ...flags(0), hdgst: true, value: headerDigest });
  assertEquals(flags(dataDigest), { ...flags(0), ddgst: true, value: dataDigest });
  assertEquals(flags(last), { ...flags(0), last: true, value: last });
  assertEquals(flags(success), { ...flags(0), success: true, value: success });
});

for (const headerDigest of [false, true]) {
  for (const dataDigest of [false, true]) {
    for (const alignment of [4, 12, 128]) {
      const framing = { headerDigest, dataDigest, alignment };
      Deno.test(`PduWriter pieces join to the whole PDU: ${JSON.stringify(framing)}`, () => {
        const writer = new PduWriter(framing);
        for (const length of [0, 4, 4096, 100_000]) {
          const data = new Uint8Array(length).fill(0x5a);
          const toHostPieces = writer.c2hDataPieces(toHost, data);
          assertEquals(joined(toHostPieces), writer.c2hData(toHost, data));
          assertEquals(toHostPieces[1], data);
          assertEquals(toHostPieces[1]?.buffer, data.buffer);
          assertEquals(toHostPieces.length, dataDigest ? 3 : 2);
          const pieces = writer.h2cDataPieces(toController, data);
          assertEquals(joined(pieces), writer.h2cData(toController, data));
        }
      });
    }
  }
}

Deno.test("PduWriter frames as agreed on from the next PDU on", () => {
  const writer = new PduWriter();
  assertEquals(writer.framing, PLAIN_FRAMING);
  assertEquals(writer.capsuleResp(response).length, 24);
  writer.framing = BOTH;
  assertEquals(writer.framing, BOTH);
  assertEquals(writer.capsuleResp(response).length, 28);
  assertThrows(() => writer.framing = { ...BOTH, alignment: 6 }, RangeError);
  assertEquals(writer.framing, BOTH);
});

Deno.test("PduWriter inverts the digest that it is told to, and nothing else", () => {
  const writer = new PduWriter(BOTH);
  const inverted = (bytes: Uint8Array, at: number) =>
    bytes.map((byte, index) => index >= at && index < at + 4 ? byte ^ 0xff : byte);
  const header = { corrupt: "header-digest" } as const;
  const data = { corrupt: "data-digest" } as const;
  const response = writer.capsuleResp({ cid: 1 });
  assertEquals(writer.capsuleResp({ cid: 1 }, header), inverted(response, 24));
  assertEquals(writer.capsuleResp({ cid: 1 }, data), response);
  assertEquals(writer.r2t(asked, header), inverted(writer.r2t(asked), 24));
  assertEquals(writer.capsuleCmd(SQE, undefined, header), inverted(writer.capsuleCmd(SQE), 72));
  const command = writer.capsuleCmd(SQE, DATA);
  assertEquals(writer.capsuleCmd(SQE, DATA, header), inverted(command, 72));
  assertEquals(writer.capsuleCmd(SQE, DATA, data), inverted(command, 76 + 12));
  const sent = writer.c2hData(toHost, DATA);
  assertEquals(writer.c2hData(toHost, DATA, data), inverted(sent, 28 + 12));
  assertEquals(joined(writer.c2hDataPieces(toHost, DATA, data)), inverted(sent, 28 + 12));
  assertEquals(
    joined(writer.h2cDataPieces(toController, DATA, header)),
    inverted(writer.h2cData(toController, DATA), 24),
  );
});

Deno.test("PduWriter cannot corrupt digests that are not there", () => {
  const writer = new PduWriter();
  assertEquals(writer.r2t(asked, { corrupt: "header-digest" }), writer.r2t(asked));
  assertEquals(
    writer.c2hData(toHost, DATA, { corrupt: "data-digest" }),
    writer.c2hData(toHost, DATA),
  );
});

Deno.test("PduWriter refuses an entry that is not 64 bytes long", () => {
  const writer = new PduWriter();
  assertThrows(() => writer.capsuleCmd(SQE.subarray(1)), RangeError, "63 bytes, need 64");
});

Deno.test("PduWriter gives memory that later PDUs do not touch", () => {
  const writer = new PduWriter(BOTH);
  const one = writer.r2t(asked);
  const copy = one.slice();
  const other = writer.r2t({ ...asked, ttag: 1 });
  assertEquals(one, copy);
  one.fill(0xff);
  assertNotEquals(other, one);
  assertEquals(writer.r2t(asked), copy);
});

Deno.test("termReq() tells why and brings the header back", () => {
  const violation = new PduViolation({ fes: 1, fei: 2, header: SQE, reason: "tested" });
  const bytes = termReq("controller", violation);
  const { type, flags, hlen, pdo, plen, fes, fei } = C2HTermReq.decode(bytes);
  assertEquals({ type, flags, hlen, pdo, plen, fes, fei }, {
    type: 3,
    flags: 0,
    hlen: 24,
    pdo: 0,
    plen: 24 + 64,
    fes: 1,
    fei: 2,
  });
  assertEquals(bytes.subarray(24), SQE);
  const fromHost = H2CTermReq.decode(termReq("host", { fes: 3, fei: 0xfedcba98, header: SQE }));
  assertEquals([fromHost.type, fromHost.fes, fromHost.fei], [2, 3, 0xfedcba98]);
});

Deno.test("termReq() brings back at most 128 bytes", () => {
  const bytes = termReq("controller", { fes: 2, fei: 0, header: new Uint8Array(200).fill(9) });
  assertEquals([bytes.length, C2HTermReq.decode(bytes).plen], [152, 152]);
});
