// A queue as NVMe/TCP PDUs: which are sent, by whom, and what they hold.

import { assert, assertEquals } from "@std/assert";
import { ConnectData } from "../../src/spec/fabrics/connect.ts";
import {
  C2HData,
  CapsuleCmd,
  CapsuleResp,
  H2CData,
  ICReq,
  ICResp,
  R2T,
} from "../../src/tcp/pdu.ts";
import { CapsuleQueue, DATA_PDU_MAX, type SentPdu } from "../../src/trace/capsule.ts";
import type { CommandEvent, CompletionEvent } from "../../src/trace/trace.ts";
import { pattern } from "./scenario.ts";

function command(fields: Partial<CommandEvent["command"]>, data?: Uint8Array): CommandEvent {
  return {
    kind: "command",
    index: 0,
    timeNs: 0n,
    device: "nvme0",
    sqid: 1,
    cid: 0x12,
    command: {
      queue: "io",
      opcode: 0x01,
      direction: data ? "out" : "none",
      dataLength: data?.length ?? 0,
      metadataLength: 0,
      ...fields,
    },
    ...(data ? { data } : {}),
  };
}

function completion(status: number, data?: Uint8Array): CompletionEvent {
  const { command: traced, ...base } = command({ direction: "in" });
  return {
    ...base,
    kind: "completion",
    command: traced,
    issuedNs: 0n,
    completion: { status, result: 0x1234_5678_9abc_def0n },
    ...(data ? { data } : {}),
  };
}

function types(pdus: readonly SentPdu[]): readonly string[] {
  return pdus.map(({ from, bytes }) => `${from} ${bytes[0]}`);
}

function part(pdus: readonly SentPdu[], at: number): Uint8Array {
  const pdu = pdus[at];
  assert(pdu, `PDU ${at}`);
  return pdu.bytes;
}

/** The data pointer's last byte. */
function sglIdentifier(prp2: bigint): number {
  return Number(prp2 >> 56n);
}

Deno.test("CapsuleQueue.connect() says which queue this is", () => {
  const pdus = new CapsuleQueue(3).connect();
  assertEquals(types(pdus), ["host 0", "drive 1", "host 4", "drive 5"]);
  assertEquals(ICReq.decode(part(pdus, 0)).pfv, 0);
  assertEquals(ICResp.decode(part(pdus, 1)).maxh2cdata, DATA_PDU_MAX);
  const { sqe, plen } = CapsuleCmd.decode(part(pdus, 2));
  assertEquals([sqe.opcode, sqe.nsid, sqe.cdw10, plen], [0x7f, 0x01, 3 << 16, 72 + 1024]);
  const data = ConnectData.decode(part(pdus, 2).subarray(72));
  assertEquals([data.cntlid, data.hostnqn], [1, "nqn.1999-06.com.example:nvmectl:host"]);
  assertEquals(CapsuleResp.decode(part(pdus, 3)).cqe.cid, sqe.cid);
});

Deno.test("CapsuleQueue.connect() of the admin queue leaves the controller open", () => {
  const pdus = new CapsuleQueue(0).connect();
  assertEquals(ConnectData.decode(part(pdus, 2).subarray(72)).cntlid, 0xffff);
});

Deno.test("CapsuleQueue.command() keeps every field but the data pointer", () => {
  const queue = new CapsuleQueue(1);
  const pdus = queue.command(command({
    opcode: 0x02,
    flags: 0x81,
    nsid: 0xffffffff,
    cdw2: 2,
    cdw3: 3,
    cdw10: 10,
    cdw11: 11,
    cdw12: 12,
    cdw13: 13,
    cdw14: 14,
    cdw15: 0xffffffff,
    direction: "in",
    dataLength: 4096,
  }));
  const { sqe } = CapsuleCmd.decode(part(pdus, 0));
  assertEquals(sqe, {
    opcode: 0x02,
    flags: { value: 0x41, fuse: 1, psdt: 1 },
    cid: 0x12,
    nsid: 0xffffffff,
    cdw2: 2,
    cdw3: 3,
    mptr: 0n,
    prp1: 0n,
    prp2: 0x5a00_0000_0000_1000n,
    cdw10: 10,
    cdw11: 11,
    cdw12: 12,
    cdw13: 13,
    cdw14: 14,
    cdw15: 0xffffffff,
  });
});

Deno.test("CapsuleQueue.command() puts up to 8 KiB into the capsule", () => {
  const pdus = new CapsuleQueue(1).command(command({}, pattern(8192)));
  assertEquals(types(pdus), ["host 4"]);
  const { sqe, pdo } = CapsuleCmd.decode(part(pdus, 0));
  assertEquals([sglIdentifier(sqe.prp2), sqe.prp2 & 0xffffffffn, pdo], [0x01, 8192n, 72]);
  assertEquals(part(pdus, 0).subarray(72), pattern(8192));
});

Deno.test("CapsuleQueue.command() lets the drive ask for more than that", () => {
  const length = DATA_PDU_MAX + 512;
  const pdus = new CapsuleQueue(1).command(command({}, pattern(length)));
  assertEquals(types(pdus), ["host 4", "drive 9", "host 6", "host 6"]);
  const { sqe, pdo } = CapsuleCmd.decode(part(pdus, 0));
  assertEquals([sglIdentifier(sqe.prp2), sqe.prp2 & 0xffffffffn, pdo], [
    0x5a,
    BigInt(length),
    0,
  ]);
  const request = R2T.decode(part(pdus, 1));
  assertEquals([request.cccid, request.r2to, request.r2tl], [0x12, 0, length]);
  const [first, last] = [2, 3].map((at) => H2CData.decode(part(pdus, at)));
  assert(first && last);
  assertEquals([first.datao, first.datal, first.flags.last], [0, DATA_PDU_MAX, false]);
  assertEquals([last.datao, last.datal, last.flags.last], [DATA_PDU_MAX, 512, true]);
  assertEquals([first.ttag, last.ttag], [request.ttag, request.ttag]);
});

Deno.test("CapsuleQueue.completion() sends the data first", () => {
  const queue = new CapsuleQueue(1);
  queue.command(command({ direction: "in", dataLength: 512 }));
  const pdus = queue.completion(completion(0, pattern(512)));
  assertEquals(types(pdus), ["drive 7", "drive 5"]);
  const data = C2HData.decode(part(pdus, 0));
  assertEquals([data.cccid, data.datao, data.datal, data.pdo], [0x12, 0, 512, 24]);
  assertEquals([data.flags.last, data.flags.success], [true, false]);
  assertEquals(part(pdus, 0).subarray(24), pattern(512));
  const { cqe } = CapsuleResp.decode(part(pdus, 1));
  assertEquals(cqe, {
    dw0: 0x9abcdef0,
    dw1: 0x12345678,
    sqhd: 1,
    sqid: 1,
    cid: 0x12,
    status: { status: 0, phase: false },
  });
});

Deno.test("CapsuleQueue.completion() shifts the status past the phase bit", () => {
  const [response] = new CapsuleQueue(1).completion(completion(0x4109));
  assertEquals(response?.bytes.subarray(22), Uint8Array.of(0x12, 0x82));
});

Deno.test("CapsuleQueue.register() sets and gets properties", () => {
  const queue = new CapsuleQueue(0);
  const base = { kind: "register", index: 0, timeNs: 0n, device: "nvme0" } as const;
  const value = 0x1234_5678_9abc_def0n;
  const set = queue.register({ ...base, access: "write", offset: 0x28, width: 8, value });
  const { sqe } = CapsuleCmd.decode(part(set, 0));
  assertEquals([sqe.opcode, sqe.nsid, sqe.cdw10, sqe.cdw11, sqe.cdw12, sqe.cdw13, sqe.prp2], [
    0x7f,
    0x00,
    1,
    0x28,
    0x9abcdef0,
    0x12345678,
    0n,
  ]);
  assertEquals(CapsuleResp.decode(part(set, 1)).cqe.dw0, 0);
  const get = queue.register({ ...base, access: "read", offset: 0x1c, width: 4, value: 1n });
  const got = CapsuleCmd.decode(part(get, 0)).sqe;
  assertEquals([got.nsid, got.cdw10, got.cdw11, got.cdw12], [0x04, 0, 0x1c, 0]);
  assertEquals(CapsuleResp.decode(part(get, 1)).cqe.dw0, 1);
});

Deno.test("CapsuleQueue.data() asks for what goes to the drive after its command", () => {
  const queue = new CapsuleQueue(1);
  const data = pattern(DATA_PDU_MAX + 512);
  const { command: traced, cid, ...base } = command({ direction: "out" });
  const pdus = queue.data({ ...base, kind: "data", cid, command: traced, data });
  assertEquals(types(pdus), ["drive 9", "host 6", "host 6"]);
  const request = R2T.decode(part(pdus, 0));
  assertEquals([request.cccid, request.r2to, request.r2tl], [cid, 0, data.length]);
  const [first, second] = [H2CData.decode(part(pdus, 1)), H2CData.decode(part(pdus, 2))];
  assertEquals([first.datal, first.flags.last], [DATA_PDU_MAX, false]);
  assertEquals([second.datao, second.datal, second.flags.last], [DATA_PDU_MAX, 512, true]);
  const nothing = new Uint8Array();
  assertEquals(queue.data({ ...base, kind: "data", cid, command: traced, data: nothing }), []);
});

Deno.test("CapsuleQueue.completion() has the identifiers that a faulty one has", () => {
  const event = { ...completion(0), posted: { sqid: 9, cid: 0x77 } };
  const { cqe } = CapsuleResp.decode(part(new CapsuleQueue(1).completion(event), 0));
  assertEquals([cqe.sqid, cqe.cid], [9, 0x77]);
});

Deno.test("CapsuleQueue gives command 0 another identifier in every PDU: Wireshark would crash", () => {
  const queue = new CapsuleQueue(1);
  const out = { ...command({}, pattern(16 * 1024)), cid: 0 };
  const [capsule, request, sent] = queue.command(out).map(({ bytes }) => bytes);
  assert(capsule && request && sent);
  assertEquals(CapsuleCmd.decode(capsule).sqe.cid, 0xffff);
  assertEquals(R2T.decode(request).cccid, 0xffff);
  assertEquals(H2CData.decode(sent).cccid, 0xffff);
  const later = queue.data({ ...out, kind: "data", data: pattern(512) });
  assertEquals(R2T.decode(part(later, 0)).cccid, 0xffff);
  const [data, answer] = queue.completion({ ...completion(0, pattern(512)), cid: 0 })
    .map(({ bytes }) => bytes);
  assert(data && answer);
  assertEquals(C2HData.decode(data).cccid, 0xffff);
  assertEquals(CapsuleResp.decode(answer).cqe.cid, 0xffff);
});

Deno.test("CapsuleQueue.greet() leaves the Connect command to the host", () => {
  assertEquals(types(new CapsuleQueue(1).greet()), ["host 0", "drive 1"]);
});
