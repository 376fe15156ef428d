// Input for the PDU reader that no sane peer sends: mutations of valid streams, and noise. All of
// it follows from a seed.

import { nextRandom, type RandomState } from "../../src/drive/random.ts";
import { getU32, putU32 } from "../../src/tcp/bytes.ts";
import { crc32c } from "../../src/tcp/crc32c.ts";
import type { Framing } from "../../src/tcp/framing.ts";
import { ICReq, ICResp, pdu, PDU_TYPE } from "../../src/tcp/pdu.ts";
import { PduWriter, termReq } from "../../src/tcp/pdu_writer.ts";
import { controllerRules, hostRules, type ReceiveRules } from "../../src/tcp/receive_rules.ts";

/** Data of a PDU, at most: short, so that its limit is met often. */
export const DATA_MAX = 48;

/** One kind of receiver, and what it understands. */
export interface Receiver {
  readonly rules: ReceiveRules;
  readonly framing: Framing;
  readonly valid: readonly Uint8Array[];
}

/** Hosts and controllers with every combination of digests and three alignments. */
export function receivers(): readonly Receiver[] {
  return [false, true].flatMap((headerDigest) =>
    [false, true].flatMap((dataDigest) =>
      [4, 12, 64].flatMap((alignment) => {
        const framing = { headerDigest, dataDigest, alignment };
        return [
          { rules: CONTROLLER, framing, valid: fromHost(framing) },
          { rules: HOST, framing, valid: fromController(framing) },
        ];
      })
    )
  );
}

const CONTROLLER = controllerRules({ inCapsuleMax: DATA_MAX, h2cDataMax: DATA_MAX });
const HOST = hostRules({ c2hDataMax: DATA_MAX });
const SQE = Uint8Array.from({ length: 64 }, (_, at) => at);
const DATA = SQE.subarray(0, DATA_MAX);

function fromHost(framing: Framing): readonly Uint8Array[] {
  const writer = new PduWriter(framing);
  const fields = { cccid: 1, ttag: 2, datao: 0 };
  return [
    pdu(PDU_TYPE.icReq, ICReq, {}),
    writer.capsuleCmd(SQE),
    writer.capsuleCmd(SQE, DATA),
    writer.h2cData({ ...fields, last: false }, DATA),
    writer.h2cData({ ...fields, last: true }, DATA.subarray(0, 4)),
    termReq("host", { fes: 1, fei: 2, header: SQE.subarray(0, 24) }),
  ];
}

function fromController(framing: Framing): readonly Uint8Array[] {
  const writer = new PduWriter(framing);
  return [
    pdu(PDU_TYPE.icResp, ICResp, {}),
    writer.capsuleResp({ cid: 1 }),
    writer.r2t({ cccid: 1, ttag: 2, r2to: 0, r2tl: 4096 }),
    writer.c2hData({ cccid: 1, datao: 0, last: true }, DATA),
    writer.c2hData({ cccid: 1, datao: 0, last: true }, DATA.subarray(0, 8)),
    termReq("controller", { fes: 1, fei: 2, header: SQE.subarray(0, 24) }),
  ];
}

/** A whole number of at least 0 and less than `limit`. */
export function below(state: RandomState, limit: number): number {
  return Math.floor(nextRandom(state) * limit);
}

/** Memory that every input is made in, so that a million of them cost no allocation. */
const buffer = new Uint8Array(1024);

/** The PDUs of a valid stream, one behind the other, and where each starts. */
export interface Stream {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
}

/** One to three valid PDUs. Good until the next input is made. */
export function validStream(state: RandomState, { valid }: Receiver): Stream {
  const starts: number[] = [];
  let length = 0;
  for (let count = 1 + below(state, 3); count > 0; count--) {
    const chosen = valid[below(state, valid.length)] ?? buffer.subarray(0, 0);
    starts.push(length);
    buffer.set(chosen, length);
    length += chosen.length;
  }
  return { bytes: buffer.subarray(0, length), starts };
}

/** A valid stream with one to four things done to it. Good until the next input is made. */
export function mutatedStream(state: RandomState, receiver: Receiver): Uint8Array {
  const { bytes, starts } = validStream(state, receiver);
  let length = bytes.length;
  for (let count = 1 + below(state, 4); count > 0 && length > 0; count--) {
    const at = below(state, length);
    switch (below(state, 7)) {
      case 0:
        buffer[at] = (buffer[at] ?? 0) ^ 1 << below(state, 8);
        break;
      case 1:
        buffer[at] = below(state, 256);
        break;
      case 2: // Bytes get lost.
        buffer.copyWithin(at, Math.min(length, at + 1 + below(state, 8)), length);
        length = Math.max(at, length - 1 - below(state, 8));
        break;
      case 3: // Bytes come twice.
        buffer.copyWithin(at + 4, at, length);
        length += 4;
        break;
      case 4:
        length = at;
        break;
      default:
        mutateHeader(state, receiver, starts[below(state, starts.length)] ?? 0);
    }
  }
  return buffer.subarray(0, length);
}

/** Changes a field of a header, and more often than not gives it a digest that is right. */
function mutateHeader(state: RandomState, { rules, framing }: Receiver, start: number): void {
  const rule = rules[buffer[start] ?? 0];
  const field = [1, 2, 3, 4, 4, 5, 7, 16, 17][below(state, 9)] ?? 0;
  if (rule !== undefined && rule.datalAt > 0 && below(state, 8) === 0) {
    // Both lengths, so that they still agree.
    const more = 4 * below(state, 3);
    for (const at of [start + 4, start + rule.datalAt]) buffer[at] = (buffer[at] ?? 0) + more;
  }
  const near = (buffer[start + field] ?? 0) + (below(state, 4) - 2) * 4;
  buffer[start + field] = below(state, 2) === 0 ? near : below(state, 256);
  if (!framing.headerDigest || rule === undefined || below(state, 4) === 0) return;
  putU32(buffer, start + rule.hlen, crc32c(buffer, start, start + rule.hlen));
}

/** Noise, half of it behind the start of a sound header. Good until the next input is made. */
export function noise(state: RandomState, { rules }: Receiver): Uint8Array {
  const length = below(state, 160);
  for (let at = 0; at < length; at += 4) putU32(buffer, at, nextRandom(state) * 2 ** 32);
  if (below(state, 2) === 0) {
    buffer[0] = below(state, rules.length);
    buffer[2] = rules[buffer[0] ?? 0]?.hlen ?? 0;
    putU32(buffer, 4, getU32(buffer, 4) & 0xff);
  }
  return buffer.subarray(0, length);
}
