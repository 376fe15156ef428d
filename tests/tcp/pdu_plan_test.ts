// Every way in which a received header can be wrong, and what the other side is told then.

import { assertEquals, assertThrows } from "@std/assert";
import { putU32 } from "../../src/tcp/bytes.ts";
import { crc32c } from "../../src/tcp/crc32c.ts";
import { type Framing, PLAIN_FRAMING } from "../../src/tcp/framing.ts";
import { CapsuleCmd, FATAL_ERROR, H2CTermReq, ICReq, pdu, PDU_TYPE } from "../../src/tcp/pdu.ts";
import { headerSpan, planPdu } from "../../src/tcp/pdu_plan.ts";
import { PduWriter, termReq } from "../../src/tcp/pdu_writer.ts";
import { controllerRules, hostRules, type ReceiveRules } from "../../src/tcp/receive_rules.ts";
import { PduViolation } from "../../src/tcp/violation.ts";

const CONTROLLER = controllerRules({ inCapsuleMax: 64, h2cDataMax: 96 });
const HOST = hostRules({ c2hDataMax: 96 });
const PLAIN = PLAIN_FRAMING;
const HEADERS: Framing = { headerDigest: true, dataDigest: false, alignment: 4 };
const DATAS: Framing = { headerDigest: false, dataDigest: true, alignment: 4 };
const WIDE: Framing = { headerDigest: false, dataDigest: false, alignment: 64 };
const SQE = Uint8Array.from({ length: 64 }, (_, at) => at);

const FLAGS = 1;
const HLEN = 2;
const PDO = 3;
const PLEN = 4;
const DATAL = 16;

const command = (framing: Framing, length = 0) =>
  new PduWriter(framing).capsuleCmd(SQE, new Uint8Array(length));
const fromHost = (framing: Framing, length = 32) =>
  new PduWriter(framing).h2cData(
    { cccid: 1, ttag: 2, datao: 0, last: true },
    new Uint8Array(length),
  );
const fromController = (framing: Framing, length = 32) =>
  new PduWriter(framing).c2hData({ cccid: 1, datao: 0, last: true }, new Uint8Array(length));
const response = (framing: Framing) => new PduWriter(framing).capsuleResp({ cid: 1 });
const initialize = () => pdu(PDU_TYPE.icReq, ICReq, {});
const termination = () => termReq("host", { fes: 1, fei: 0, header: SQE });

/** Changes bytes of a PDU. */
function changed(bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const copy = bytes.slice();
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return copy;
}

/** Changes bytes of a header and makes its digest right again. */
function resealed(bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const copy = changed(bytes, changes);
  putU32(copy, 24, crc32c(copy, 0, 24));
  return copy;
}

interface Case {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly rules?: ReceiveRules;
  readonly framing?: Framing;
  readonly fes?: number;
  readonly fei: number;
  /** Bytes of the header that come back. */
  readonly echo: number;
  readonly silent?: boolean;
}

const limit = FATAL_ERROR.limitExceeded;
const range = FATAL_ERROR.outOfRange;

const CASES: readonly Case[] = [
  // Types: what the other direction sends, and what nobody does.
  { what: "a PDU of the other direction", bytes: response(PLAIN), fei: 0, echo: 8 },
  { what: "a command at a host", bytes: command(PLAIN), rules: HOST, fei: 0, echo: 8 },
  { what: "type 8", bytes: changed(command(PLAIN), { 0: 8 }), fei: 0, echo: 8 },
  { what: "type 255", bytes: changed(command(PLAIN), { 0: 0xff }), fei: 0, echo: 8 },
  // Digest flags that were not agreed on.
  {
    what: "HDGSTF without header digests",
    bytes: changed(command(PLAIN), { 1: 1 }),
    fei: FLAGS,
    echo: 72,
  },
  {
    what: "DDGSTF without data digests",
    bytes: changed(fromHost(PLAIN), { 1: 6 }),
    fei: FLAGS,
    echo: 24,
  },
  {
    what: "DDGSTF without data digests and without data",
    bytes: changed(command(PLAIN), { 1: 2 }),
    fei: FLAGS,
    echo: 72,
  },
  {
    what: "no HDGSTF with header digests",
    bytes: changed(command(HEADERS), { 1: 0 }),
    framing: HEADERS,
    fei: FLAGS,
    echo: 72,
  },
  {
    what: "no DDGSTF with data digests",
    bytes: changed(fromHost(DATAS), { 1: 4 }),
    framing: DATAS,
    fei: FLAGS,
    echo: 24,
  },
  {
    what: "no HDGSTF in a response",
    bytes: changed(response(HEADERS), { 1: 0 }),
    rules: HOST,
    framing: HEADERS,
    fei: FLAGS,
    echo: 24,
  },
  // HLEN.
  { what: "HLEN one short", bytes: changed(command(PLAIN), { 2: 71 }), fei: HLEN, echo: 72 },
  { what: "HLEN one long", bytes: changed(fromHost(PLAIN), { 2: 25 }), fei: HLEN, echo: 24 },
  { what: "an ICReq with HLEN 0", bytes: changed(initialize(), { 2: 0 }), fei: HLEN, echo: 128 },
  {
    what: "HLEN and PDO wrong: the lowest offset counts",
    bytes: changed(fromHost(PLAIN), { 2: 0, 3: 0, 4: 0xff }),
    fei: HLEN,
    echo: 24,
  },
  // PDO.
  { what: "PDO in the header", bytes: changed(command(PLAIN, 16), { 3: 68 }), fei: PDO, echo: 72 },
  {
    what: "PDO in the header digest",
    bytes: resealed(fromHost(HEADERS), { 3: 24 }),
    framing: HEADERS,
    fei: PDO,
    echo: 24,
  },
  { what: "PDO 0 with data", bytes: changed(fromHost(PLAIN), { 3: 0 }), fei: PDO, echo: 24 },
  { what: "PDO that is no dword", bytes: changed(fromHost(PLAIN), { 3: 26 }), fei: PDO, echo: 24 },
  { what: "PDO against CPDA", bytes: fromHost(PLAIN), framing: WIDE, fei: PDO, echo: 24 },
  {
    what: "PDO against HPDA",
    bytes: changed(fromController(WIDE), { 3: 96 }),
    rules: HOST,
    framing: WIDE,
    fei: PDO,
    echo: 24,
  },
  { what: "PDO behind the end", bytes: changed(fromHost(PLAIN), { 3: 60 }), fei: PDO, echo: 24 },
  // PLEN.
  { what: "PLEN 0", bytes: changed(command(PLAIN), { 4: 0 }), fei: PLEN, echo: 8 },
  { what: "PLEN within the header", bytes: changed(command(PLAIN), { 4: 71 }), fei: PLEN, echo: 8 },
  {
    what: "PLEN within the header digest",
    bytes: changed(command(HEADERS), { 4: 75 }),
    framing: HEADERS,
    fei: PLEN,
    echo: 8,
  },
  { what: "a longer ICReq", bytes: changed(initialize(), { 4: 129 }), fei: PLEN, echo: 128 },
  {
    what: "a longer response",
    bytes: changed(response(PLAIN), { 4: 28 }),
    rules: HOST,
    fei: PLEN,
    echo: 24,
  },
  {
    what: "data where commands carry none",
    bytes: command(PLAIN, 4),
    rules: controllerRules({ inCapsuleMax: 0, h2cDataMax: 96 }),
    fei: PLEN,
    echo: 72,
  },
  { what: "too much data in a capsule", bytes: command(PLAIN, 68), fei: PLEN, echo: 72 },
  {
    what: "PLEN of 4 GiB",
    bytes: changed(command(PLAIN, 4), { 4: 255, 5: 255, 6: 255, 7: 255 }),
    fei: PLEN,
    echo: 72,
  },
  {
    what: "PLEN that leaves no room for the data digest",
    bytes: changed(fromHost(DATAS), { 4: 26 }),
    framing: DATAS,
    fei: PLEN,
    echo: 24,
  },
  // DATAL, and the limits of data.
  {
    what: "DATAL one dword less",
    bytes: changed(fromHost(PLAIN), { 16: 28 }),
    fei: DATAL,
    echo: 24,
  },
  {
    what: "DATAL one dword more",
    bytes: changed(fromHost(DATAS), { 16: 36 }),
    framing: DATAS,
    fei: DATAL,
    echo: 24,
  },
  {
    what: "DATAL without data",
    bytes: changed(fromHost(PLAIN, 0), { 16: 4 }),
    fei: DATAL,
    echo: 24,
  },
  { what: "more data than MAXH2CDATA", bytes: fromHost(PLAIN, 100), fes: limit, fei: 0, echo: 24 },
  {
    what: "more data than any buffer of the host",
    bytes: fromController(PLAIN, 100),
    rules: HOST,
    fes: range,
    fei: 0,
    echo: 24,
  },
  // Terminations are never answered.
  {
    what: "a termination with HLEN 25",
    bytes: changed(termination(), { 2: 25 }),
    fei: HLEN,
    echo: 24,
    silent: true,
  },
  {
    what: "a termination that is too short",
    bytes: changed(termination(), { 4: 23 }),
    fei: PLEN,
    echo: 8,
    silent: true,
  },
  {
    what: "a termination that is too long",
    bytes: changed(termination(), { 4: 153 }),
    fei: PLEN,
    echo: 24,
    silent: true,
  },
];

for (
  const { what, bytes, rules = CONTROLLER, framing = PLAIN, fes = 1, fei, echo, silent } of CASES
) {
  Deno.test(`planPdu() refuses ${what}`, () => {
    const expected = { rules, framing };
    // Not at the start of the array, so that every offset is used.
    const moved = new Uint8Array(bytes.length + 5).fill(0xa5);
    moved.set(bytes, 5);
    const error = assertThrows(
      () => planPdu(moved, 5, headerSpan(moved, 5, expected), expected),
      PduViolation,
    );
    const found = [error.fes, error.fei, error.silent];
    assertEquals(found, [fes, fei, silent ?? false], error.message);
    assertEquals(error.header, bytes.slice(0, echo));
  });
}

Deno.test("planPdu() refuses a wrong header digest with the digest that it received", () => {
  const expected = { rules: CONTROLLER, framing: HEADERS };
  const good = command(HEADERS);
  const received = new DataView(good.buffer, good.byteOffset).getUint32(72, true);
  // Neither a changed field behind FLAGS and HLEN nor a wild PLEN hides that the digest is wrong.
  for (const changes of [{ 10: 0xff }, { 3: 1 }, { 7: 0x40 }]) {
    const bytes = changed(good, changes);
    const error = assertThrows(() => planPdu(bytes, 0, 76, expected), PduViolation);
    assertEquals([error.fes, error.fei], [FATAL_ERROR.headerDigest, received]);
    assertEquals(error.header, bytes.slice(0, 72));
  }
});

Deno.test("headerSpan() is the header and its digest, where there is one", () => {
  const spans = (framing: Framing, rules: ReceiveRules, pdus: readonly Uint8Array[]) =>
    pdus.map((bytes) => headerSpan(bytes, 0, { rules, framing }));
  const host = [initialize(), termination(), command(PLAIN, 4), fromHost(PLAIN)];
  assertEquals(spans(PLAIN, CONTROLLER, host), [128, 24, 72, 24]);
  assertEquals(spans(DATAS, CONTROLLER, host), [128, 24, 72, 24]);
  assertEquals(spans(HEADERS, CONTROLLER, host), [128, 24, 76, 28]);
  assertEquals(spans(HEADERS, HOST, [response(HEADERS), fromController(PLAIN)]), [28, 28]);
});

Deno.test("planPdu() finds the data behind any padding", () => {
  const expected = { rules: CONTROLLER, framing: { ...PLAIN, alignment: 8 } };
  const bytes = new Uint8Array(24 + 64 + 32);
  bytes.set(fromHost(PLAIN).subarray(0, 24));
  for (const pdo of [24, 32, 88]) {
    const plan = planPdu(changed(bytes, { 3: pdo, 4: pdo + 32 }), 0, 24, expected);
    assertEquals(plan, {
      hlen: 24,
      plen: pdo + 32,
      dataAt: pdo,
      dataLength: 32,
      dataDigest: false,
    });
  }
});

Deno.test("planPdu() takes what the reserved and unused fields of a PDU hold", () => {
  const planned = (bytes: Uint8Array, framing = PLAIN) => {
    const expected = { rules: CONTROLLER, framing };
    return planPdu(bytes, 0, headerSpan(bytes, 0, expected), expected).plen;
  };
  assertEquals(planned(changed(initialize(), { 1: 0x83, 3: 9, 127: 1 })), 128);
  assertEquals(planned(changed(termination(), { 1: 0xff, 3: 7, 23: 1 })), 24 + 64);
  assertEquals(planned(changed(command(PLAIN), { 1: 0xfc, 3: 9 })), 72);
  // A capsule without data may have DDGSTF set where data digests are in use.
  assertEquals(planned(changed(command(DATAS), { 1: 2 }), DATAS), 72);
});

Deno.test("planPdu() takes terminations from 24 to 152 bytes, whatever the framing", () => {
  const expected = { rules: CONTROLLER, framing: { ...HEADERS, dataDigest: true, alignment: 128 } };
  for (const length of [0, 1, 128]) {
    const bytes = termReq("host", { fes: 2, fei: 0, header: new Uint8Array(length) });
    assertEquals(H2CTermReq.decode(bytes).plen, 24 + length);
    assertEquals(planPdu(bytes, 0, 24, expected), {
      hlen: 24,
      plen: 24 + length,
      dataAt: 24,
      dataLength: length,
      dataDigest: false,
    });
  }
});

Deno.test("planPdu() names the PDU and both values in its message", () => {
  const bytes = changed(pdu(PDU_TYPE.capsuleCmd, CapsuleCmd, {}), { 2: 70 });
  const expected = { rules: CONTROLLER, framing: PLAIN };
  assertThrows(
    () => planPdu(bytes, 0, 72, expected),
    PduViolation,
    "Cannot accept a PDU: CapsuleCmd has HLEN 70, need 72",
  );
  assertThrows(
    () => headerSpan(changed(bytes, { 0: 10 }), 0, expected),
    PduViolation,
    "Cannot accept a PDU: PDU type 0Ah has no place on this side of a connection",
  );
});
