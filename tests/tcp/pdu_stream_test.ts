// A received stream becomes the same PDUs however it is cut, with no copy where none is needed.

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { type Framing, PLAIN_FRAMING } from "../../src/tcp/framing.ts";
import { ICReq, ICResp, pdu, PDU_TYPE } from "../../src/tcp/pdu.ts";
import { type Pdu, PduReader } from "../../src/tcp/pdu_stream.ts";
import { PduWriter, termReq } from "../../src/tcp/pdu_writer.ts";
import { controllerRules, hostRules } from "../../src/tcp/receive_rules.ts";
import { PduViolation } from "../../src/tcp/violation.ts";

const CONTROLLER = controllerRules({ inCapsuleMax: 8192, h2cDataMax: 131072 });
const HOST = hostRules({ c2hDataMax: 131072 });
const BOTH: Framing = { headerDigest: true, dataDigest: true, alignment: 4 };
const SQE = Uint8Array.from({ length: 64 }, (_, at) => 0xc0 ^ at);
const DATA = Uint8Array.from({ length: 48 }, (_, at) => at + 1);

const FRAMINGS: readonly Framing[] = [false, true].flatMap((headerDigest) =>
  [false, true].flatMap((dataDigest) =>
    [4, 12, 64, 128].map((alignment) => ({ headerDigest, dataDigest, alignment }))
  )
);

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** What a host sends, with data of several lengths. */
function hostStream(framing: Framing): readonly Uint8Array[] {
  const writer = new PduWriter(framing);
  const fields = { cccid: 1, ttag: 2, datao: 4096 };
  return [
    pdu(PDU_TYPE.icReq, ICReq, { maxr2t: 4 }),
    writer.capsuleCmd(SQE),
    writer.capsuleCmd(SQE, DATA),
    writer.h2cData({ ...fields, last: false }, DATA),
    writer.h2cData({ ...fields, last: true }, DATA.subarray(0, 4)),
    writer.h2cData({ ...fields, last: true }, new Uint8Array()),
    termReq("host", { fes: 2, fei: 0, header: SQE }),
  ];
}

/** What a controller sends. */
function controllerStream(framing: Framing): readonly Uint8Array[] {
  const writer = new PduWriter(framing);
  return [
    pdu(PDU_TYPE.icResp, ICResp, { maxh2cdata: 8192 }),
    writer.capsuleResp({ cid: 3, status: 0x4002 }),
    writer.r2t({ cccid: 3, ttag: 4, r2to: 0, r2tl: 8192 }),
    writer.c2hData({ cccid: 3, datao: 0, last: false }, DATA),
    writer.c2hData({ cccid: 3, datao: 48, last: true, success: true }, DATA.subarray(0, 8)),
    termReq("controller", { fes: 1, fei: 3, header: SQE }),
  ];
}

function drain(reader: PduReader): Pdu[] {
  const pdus: Pdu[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) pdus.push(next);
  return pdus;
}

function readAll(reader: PduReader, chunks: readonly Uint8Array[]): Pdu[] {
  return chunks.flatMap((chunk) => {
    reader.push(chunk);
    return drain(reader);
  });
}

/** As text: quick to compare. */
function plain({ type, flags, header, data, dataDigestBad }: Pdu): string {
  return `${type} ${flags} ${header} ${data} ${dataDigestBad}`;
}

for (const framing of FRAMINGS) {
  const name = JSON.stringify(framing);

  Deno.test(`PduReader reads what PduWriter writes: ${name}`, () => {
    const host = readAll(new PduReader(CONTROLLER, framing), [concat(hostStream(framing))]);
    assertEquals(host.map(({ type }) => type), [0, 4, 4, 6, 6, 6, 2]);
    assertEquals(host.map(({ header }) => header.length), [128, 72, 72, 24, 24, 24, 24]);
    assertEquals(host.map(({ data }) => [...data]), [
      [],
      [],
      [...DATA],
      [...DATA],
      [1, 2, 3, 4],
      [],
      [...SQE],
    ]);
    assertEquals(host[2]?.header.subarray(8), SQE);
    const controller = readAll(new PduReader(HOST, framing), [concat(controllerStream(framing))]);
    assertEquals(controller.map(({ type }) => type), [1, 5, 9, 7, 7, 3]);
    assert([...host, ...controller].every(({ dataDigestBad }) => !dataDigestBad));
  });

  Deno.test(`PduReader gives the same PDUs for every cut of the stream: ${name}`, () => {
    for (
      const [rules, pdus] of [
        [CONTROLLER, hostStream(framing)],
        [HOST, controllerStream(framing)],
      ] as const
    ) {
      const stream = concat(pdus);
      const whole = readAll(new PduReader(rules, framing), [stream]).map(plain);
      for (let cut = 0; cut <= stream.length; cut++) {
        const reader = new PduReader(rules, framing);
        const pieces = [stream.subarray(0, cut), stream.subarray(cut)];
        assertEquals(readAll(reader, pieces).map(plain), whole, `cut at ${cut}`);
        assertEquals(reader.kept, 0);
      }
      for (const size of [1, 2, 3, 7, 8, 9, 71, 73]) {
        const pieces = Array.from(
          { length: Math.ceil(stream.length / size) },
          (_, at) => stream.subarray(at * size, (at + 1) * size),
        );
        const found = readAll(new PduReader(rules, framing), pieces).map(plain);
        assertEquals(found, whole, `pieces of ${size}`);
      }
    }
  });
}

Deno.test("PduReader gives views of a chunk that holds the whole PDU", () => {
  const chunk = new PduWriter(BOTH).capsuleCmd(SQE, DATA);
  const [found] = readAll(new PduReader(CONTROLLER, BOTH), [chunk]);
  assertStrictEquals(found?.header.buffer, chunk.buffer);
  assertStrictEquals(found?.data.buffer, chunk.buffer);
  assertEquals(
    [found?.header.byteOffset, found?.data.byteOffset].map((at) => (at ?? 0) - chunk.byteOffset),
    [0, 76],
  );
});

Deno.test("PduReader collects a split PDU once, in a buffer of its length", () => {
  const chunk = new PduWriter(BOTH).h2cData(
    { cccid: 1, ttag: 1, datao: 0, last: true },
    new Uint8Array(131072).fill(7),
  );
  const reader = new PduReader(CONTROLLER, BOTH);
  reader.push(chunk.subarray(0, 20));
  assertEquals([reader.next(), reader.kept], [undefined, 20]);
  reader.push(chunk.subarray(20, 65536));
  assertEquals([reader.next(), reader.kept], [undefined, chunk.length]);
  reader.push(chunk.subarray(65536));
  const found = reader.next();
  assertEquals(found?.data, new Uint8Array(131072).fill(7));
  assertEquals(found?.data.buffer.byteLength, chunk.length);
  assertStrictEquals(found?.header.buffer, found?.data.buffer);
  assertEquals([reader.next(), reader.kept], [undefined, 0]);
});

Deno.test("PduReader.room() is where the rest of a PDU belongs", () => {
  const chunk = new PduWriter(BOTH).capsuleCmd(SQE, DATA);
  const reader = new PduReader(CONTROLLER, BOTH);
  reader.push(chunk.subarray(0, 70));
  assertEquals([reader.next(), reader.room()], [undefined, undefined]);
  reader.push(chunk.subarray(70, 90));
  assertEquals([reader.next(), reader.room()?.length], [undefined, chunk.length - 90]);
  reader.room()?.set(chunk.subarray(90, 100));
  reader.filled(10);
  assertEquals(reader.next(), undefined);
  const room = reader.room();
  room?.set(chunk.subarray(100));
  assertThrows(() => reader.filled(chunk.length - 99), RangeError, "room for");
  assertThrows(() => reader.filled(-1), RangeError, "room for");
  reader.filled(chunk.length - 100);
  const found = reader.next();
  assertEquals([found?.data, found?.dataDigestBad], [DATA, false]);
  assertStrictEquals(found?.data.buffer, room?.buffer);
  assertEquals([reader.next(), reader.room()], [undefined, undefined]);
});

Deno.test("PduReader reads the PDUs behind ICReq as agreed on meanwhile", () => {
  const writer = new PduWriter(BOTH);
  const stream = concat([pdu(PDU_TYPE.icReq, ICReq, {}), writer.capsuleCmd(SQE)]);
  for (const cut of [stream.length, 128, 130, 140]) {
    const reader = new PduReader(CONTROLLER);
    assertEquals(reader.framing, PLAIN_FRAMING);
    reader.push(stream.subarray(0, cut));
    assertEquals(reader.next()?.type, PDU_TYPE.icReq);
    reader.framing = BOTH;
    const rest = [...drain(reader), ...readAll(reader, [stream.subarray(cut)])];
    assertEquals(rest.map(({ type, header }) => [type, header.length]), [[4, 72]]);
  }
});

Deno.test("PduReader takes header digests and limits that change within a header", () => {
  const chunk = new PduWriter(BOTH).capsuleCmd(SQE, DATA);
  const reader = new PduReader(controllerRules({ inCapsuleMax: 0, h2cDataMax: 0 }));
  reader.push(chunk.subarray(0, 60));
  assertEquals(reader.next(), undefined);
  reader.framing = BOTH;
  reader.rules = CONTROLLER;
  reader.push(chunk.subarray(60));
  assertEquals(reader.next()?.data, DATA);
});

Deno.test("PduReader does not let header digests end within a header", () => {
  const reader = new PduReader(CONTROLLER, BOTH);
  reader.push(new PduWriter(BOTH).capsuleCmd(SQE).subarray(0, 75));
  assertEquals(reader.next(), undefined);
  assertThrows(() => reader.framing = PLAIN_FRAMING, Error, "75 bytes of a header are here");
  assertEquals(reader.framing, BOTH);
});

Deno.test("PduReader refuses a framing that no connection has", () => {
  const wrong = { ...BOTH, alignment: 130 };
  assertThrows(() => new PduReader(CONTROLLER, wrong), RangeError);
  assertThrows(() => new PduReader(CONTROLLER).framing = wrong, RangeError);
});

Deno.test("PduReader reports a wrong data digest on the PDU and goes on", () => {
  const writer = new PduWriter(BOTH);
  const stream = concat([
    writer.capsuleCmd(SQE, DATA, { corrupt: "data-digest" }),
    writer.capsuleCmd(SQE, DATA),
    writer.h2cData({ cccid: 1, ttag: 1, datao: 0, last: true }, DATA, { corrupt: "data-digest" }),
  ]);
  for (const size of [stream.length, 50]) {
    const reader = new PduReader(CONTROLLER, BOTH);
    const pieces = [stream.subarray(0, size), stream.subarray(size)];
    const found = readAll(reader, pieces);
    assertEquals(found.map(({ dataDigestBad }) => dataDigestBad), [true, false, true]);
    assertEquals(found.map(({ data }) => data), [DATA, DATA, DATA]);
  }
});

Deno.test("PduReader says the same of a bad header for every cut, then nothing else", () => {
  const writer = new PduWriter(BOTH);
  const good = writer.capsuleCmd(SQE);
  const bad = writer.capsuleCmd(SQE, DATA, { corrupt: "header-digest" });
  const stream = concat([good, bad, good]);
  const received = new DataView(bad.buffer, bad.byteOffset).getUint32(72, true);
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new PduReader(CONTROLLER, BOTH);
    const seen: Pdu[] = [];
    const error = assertThrows(() => {
      for (const chunk of [stream.subarray(0, cut), stream.subarray(cut)]) {
        reader.push(chunk);
        for (let next = reader.next(); next; next = reader.next()) seen.push(next);
      }
    }, PduViolation);
    assertEquals([error.fes, error.fei, seen.length], [3, received, 1]);
    assertEquals(error.header, bad.slice(0, 72));
    // What comes after it is not looked at, and is not missed either.
    reader.push(good);
    reader.push(good);
    assertStrictEquals(assertThrows(() => reader.next(), PduViolation), error);
    assertEquals([reader.kept, reader.room()], [0, undefined]);
  }
});

Deno.test("PduReader takes no memory for a PDU whose header is wrong", () => {
  const reader = new PduReader(CONTROLLER);
  const header = new PduWriter().capsuleCmd(SQE, DATA).slice(0, 72);
  new DataView(header.buffer).setUint32(4, 0xfffffff0, true);
  for (const byte of header.subarray(0, 71)) {
    reader.push(Uint8Array.of(byte));
    assertEquals(reader.next(), undefined);
  }
  assertEquals(reader.kept, 71);
  reader.push(header.subarray(71));
  assertThrows(() => reader.next(), PduViolation, "need at most 8192");
  assertEquals(reader.kept, 0);
});

Deno.test("PduReader wants a chunk read to its end before the next", () => {
  const chunk = new PduWriter().capsuleCmd(SQE);
  const reader = new PduReader(CONTROLLER);
  reader.push(concat([chunk, chunk]));
  assertEquals(reader.next()?.type, 4);
  assertThrows(() => reader.push(chunk), Error, "72 are unread");
  assertEquals(drain(reader).length, 1);
  reader.push(new Uint8Array());
  assertEquals(reader.next(), undefined);
});
