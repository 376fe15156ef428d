// Data that hosts were asked for: in order, in bounds, within memory.

import { assertEquals, assertThrows } from "@std/assert";
import { type Question, Transfers } from "../../../../src/drive/face/tcp/transfers.ts";
import { FATAL_ERROR, H2CData } from "../../../../src/tcp/pdu.ts";
import type { Pdu } from "../../../../src/tcp/pdu_stream.ts";
import { PduWriter } from "../../../../src/tcp/pdu_writer.ts";
import { PduViolation } from "../../../../src/tcp/violation.ts";

interface Piece {
  readonly cccid?: number;
  readonly ttag?: number;
  readonly datao?: number;
  readonly last?: boolean;
  readonly data?: Uint8Array;
  readonly bad?: boolean;
}

function piece({ cccid = 1, ttag = 1, datao = 0, last = true, data, bad = false }: Piece): Pdu {
  const bytes = data ?? new Uint8Array(8);
  const whole = new PduWriter().h2cData({ cccid, ttag, datao, last }, bytes);
  const header = whole.subarray(0, H2CData.size);
  return { type: 6, flags: header[1] ?? 0, header, data: bytes, dataDigestBad: bad };
}

function bench(memory = 64): { transfers: Transfers; asked: Question[]; got: string[] } {
  const asked: Question[] = [];
  const got: string[] = [];
  return { transfers: new Transfers(memory, (question) => asked.push(question)), asked, got };
}

Deno.test("Transfers put pieces together and hand them over once", () => {
  const { transfers, asked, got } = bench();
  transfers.start({ cid: 1, length: 16, arrived: (data, sound) => got.push(`${data} ${sound}`) });
  assertEquals(asked, [{ cccid: 1, ttag: 1, r2to: 0, r2tl: 16 }]);
  transfers.take(piece({ data: new Uint8Array(8).fill(1), last: false }));
  assertEquals(got, []);
  transfers.take(piece({ datao: 8, data: new Uint8Array(8).fill(2), bad: true }));
  assertEquals(got, ["1,1,1,1,1,1,1,1,2,2,2,2,2,2,2,2 false"]);
  assertEquals(transfers.taken, 0);
});

Deno.test("Transfers wait for memory, but one is always served", () => {
  const { transfers, asked } = bench(64);
  for (const [cid, length] of [[1, 1000], [2, 40], [3, 30]] as const) {
    transfers.start({ cid, length, arrived: () => {} });
  }
  assertEquals(asked.map(({ cccid }) => cccid), [1]);
  transfers.take(piece({ data: new Uint8Array(1000) }));
  assertEquals(asked.map(({ cccid }) => cccid), [1, 2], "40 + 30 are too many");
  transfers.forget(3);
  transfers.take(piece({ cccid: 2, ttag: 2, data: new Uint8Array(40) }));
  assertEquals(asked.length, 2, "nobody waits for the third any more");
});

Deno.test("Transfers refuse what they did not ask for", () => {
  const cases = [
    [{ ttag: 2 }, FATAL_ERROR.invalidHeaderField, 10],
    [{ cccid: 2 }, FATAL_ERROR.invalidHeaderField, 8],
    [{ datao: 4 }, FATAL_ERROR.outOfRange, 12],
    [{ data: new Uint8Array(20) }, FATAL_ERROR.outOfRange, 12],
    [{ last: true }, FATAL_ERROR.invalidHeaderField, 1],
    [{ data: new Uint8Array(16), last: false }, FATAL_ERROR.invalidHeaderField, 1],
  ] as const;
  for (const [fields, fes, fei] of cases) {
    const { transfers } = bench();
    transfers.start({ cid: 1, length: 16, arrived: () => {} });
    const violation = assertThrows(() => transfers.take(piece(fields)), PduViolation);
    assertEquals([violation.fes, violation.fei], [fes, fei], JSON.stringify(fields));
  }
});

Deno.test("data of a forgotten command is taken and thrown away", () => {
  const { transfers, got } = bench();
  transfers.start({ cid: 1, length: 8, arrived: () => got.push("arrived") });
  transfers.forget(1);
  transfers.take(piece({}));
  assertEquals([got, transfers.taken], [[], 0]);
  assertThrows(() => transfers.take(piece({})), PduViolation);
});
