// The pcapng trace, read back: every packet whole and sound, every PDU in its place.

import { assert, assertEquals } from "@std/assert";
import { CapsuleCmd, CapsuleResp } from "../../src/tcp/pdu.ts";
import { pcapngSink } from "../../src/trace/pcapng.ts";
import type { CommandEvent, RegisterEvent } from "../../src/trace/trace.ts";
import { readBlocks, readPackets, readPdus } from "./pcapng_reader.ts";
import { pattern, record, SESSION, START_NS, TICK_NS } from "./scenario.ts";

const ADMIN = "198.18.0.1:49152";
const IO = "198.18.0.1:49153";

function join(writes: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(writes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of writes) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

async function session(): Promise<readonly Uint8Array[]> {
  const writes: Uint8Array[] = [];
  await record(SESSION, pcapngSink((bytes) => writes.push(bytes)));
  return writes;
}

function registerEvent(device: string): RegisterEvent {
  return {
    kind: "register",
    index: 0,
    timeNs: START_NS,
    device,
    access: "read",
    offset: 0x1c,
    width: 4,
    value: 1n,
  };
}

Deno.test("pcapngSink() writes whole blocks, the first at once", async () => {
  const writes: Uint8Array[] = [];
  pcapngSink((bytes) => writes.push(bytes));
  assertEquals(writes.map((bytes) => readBlocks(bytes).length), [1]);
  for (const bytes of await session()) assertEquals(readBlocks(bytes).length, 1);
});

Deno.test("pcapngSink() makes one connection of each queue", async () => {
  const packets = readPackets(join(await session()));
  const hosts = new Set(packets.map((p) => p.fromHost ? p.source : p.destination));
  assertEquals([...hosts], [ADMIN, IO]);
  for (const host of hosts) {
    const [request, response, connect, connected] = readPdus(packets, host);
    assertEquals(
      [request, response, connect, connected].map((pdu) => pdu?.type),
      [0x00, 0x01, 0x04, 0x05],
    );
  }
});

Deno.test("pcapngSink() keeps commands and completions as they were", async () => {
  const pdus = readPdus(readPackets(join(await session())), ADMIN).slice(4);
  const commands = pdus.filter(({ type }) => type === 0x04)
    .map(({ bytes }) => CapsuleCmd.decode(bytes).sqe);
  assertEquals(commands.map(({ cid, opcode, nsid, cdw10 }) => [cid, opcode, nsid, cdw10]), [
    [0xffff, 0x06, 0, 1],
    [1, 0x02, 0xffffffff, 0x007f0002],
    [2, 0x02, 0, 0x003f0001],
    [3, 0x09, 0, 7],
    [4, 0x09, 0, 0x0e],
    [5, 0x02, 0, 0x007f007f],
    [6, 0xc2, 0, 128],
    [7, 0xc1, 0, 0],
    [8, 0x02, 0xffffffff, 0xbfff0007],
    [9, 0x14, 0xffffffff, 1],
  ]);
  const answers = pdus.filter(({ type }) => type === 0x05)
    .map(({ bytes }) => CapsuleResp.decode(bytes).cqe);
  assertEquals(answers.map(({ cid }) => cid), [0xffff, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(answers[5]?.status, { status: 0x4109, phase: false });
  assertEquals([answers[6]?.dw0, answers[6]?.dw1], [0xf, 1]);
});

Deno.test("pcapngSink() carries the data, however long", async () => {
  const pdus = readPdus(readPackets(join(await session())), IO).slice(4);
  assertEquals(pdus.map(({ type, data }) => [type, data.length]), [
    [0x04, 0],
    [0x07, 128 * 1024],
    [0x05, 0],
    [0x04, 4096],
    [0x05, 0],
    [0x04, 0],
    [0x09, 0],
    [0x06, 128 * 1024],
    [0x06, 32 * 1024],
    [0x05, 0],
    [0x04, 0],
  ]);
  assertEquals(pdus[1]?.data, pattern(128 * 1024));
  assertEquals(pdus[3]?.data, pattern(4096));
  assertEquals(pdus[8]?.data, pattern(160 * 1024).subarray(128 * 1024));
});

Deno.test("pcapngSink() splits nothing finer and nothing coarser than 32 KiB", async () => {
  const lengths = readPackets(join(await session())).map(({ payload }) => payload.length);
  assertEquals(Math.max(...lengths), 32 * 1024);
});

Deno.test("pcapngSink() comments commands and completions with their lines", async () => {
  const packets = readPackets(join(await session()));
  const comments = packets.filter(({ comment }) => comment?.startsWith("["));
  assertEquals(comments.length, 2 * SESSION.length);
  const [identify, identified] = comments;
  assertEquals(
    identify?.comment,
    "[   0] 1556804537:200926382 00:06.0 ADM SQ=0 CID=0000 OPC=Identify NSID=0 data=4096< " +
      "CDW10=00000001",
  );
  assertEquals(identify?.payload[0], 0x04);
  assertEquals(identified?.payload[0], 0x05);
  assertEquals([identify?.timeNs, identified?.timeNs], [START_NS, START_NS + TICK_NS]);
});

Deno.test("pcapngSink() shows a command without answer as an empty segment", async () => {
  const packets = readPackets(join(await session()));
  const failure = packets.find(({ comment }) => comment?.includes(" ERR "));
  assert(failure);
  assertEquals([failure.payload.length, failure.fromHost], [0, false]);
});

Deno.test("pcapngSink() gives every drive an interface and an address of its own", () => {
  const writes: Uint8Array[] = [];
  const sink = pcapngSink((bytes) => writes.push(bytes));
  for (const device of ["/dev/nvme0", "/dev/nvme1\u001b[2J", "/dev/nvme0"]) {
    sink.register(registerEvent(device));
  }
  const packets = readPackets(join(writes));
  const drives = new Set(
    packets.map(({ interfaceName, fromHost, source, destination }) =>
      `${interfaceName} ${fromHost ? destination : source}`
    ),
  );
  assertEquals([...drives], [
    "/dev/nvme0 198.19.0.1:4420",
    "/dev/nvme1\\u001b[2J 198.19.0.2:4420",
  ]);
});

Deno.test("pcapngSink() shows a register access as a property", () => {
  const writes: Uint8Array[] = [];
  pcapngSink((bytes) => writes.push(bytes)).register(registerEvent("00:06.0"));
  const packets = readPackets(join(writes));
  const [command, response] = readPdus(packets, ADMIN).slice(4);
  assert(command && response);
  assertEquals(CapsuleCmd.decode(command.bytes).sqe.cdw11, 0x1c);
  assertEquals(CapsuleResp.decode(response.bytes).cqe.dw0, 1);
  assert(packets.at(-2)?.comment?.endsWith("00:06.0 REG 001c -> 00000001"));
});

function event(fields: Partial<CommandEvent["command"]>, cid = 1): CommandEvent {
  return {
    kind: "command",
    index: 0,
    timeNs: START_NS,
    device: "00:06.0",
    sqid: 1,
    cid,
    command: { queue: "io", opcode: 0x01, nsid: 1, metadataLength: 0, ...fields },
  };
}

Deno.test("pcapngSink() puts data that comes later behind whatever came in between", () => {
  const writes: Uint8Array[] = [];
  const sink = pcapngSink((bytes) => writes.push(bytes));
  const write = event({});
  sink.command(write);
  sink.command(event({ opcode: 0x00 }, 2));
  sink.data?.({ ...write, kind: "data", data: pattern(512), notes: ["seen"] });
  const packets = readPackets(join(writes));
  const pdus = readPdus(packets, IO).slice(4);
  assertEquals(pdus.map(({ type }) => type), [0x04, 0x04, 0x09, 0x06]);
  assertEquals(pdus.at(-1)?.data, pattern(512));
  assert(packets.some(({ comment }) => comment?.endsWith("DAT SQ=1 CID=0001 data=512> (seen)")));
});

Deno.test("pcapngSink() makes another connection when a host connects again", () => {
  const writes: Uint8Array[] = [];
  const sink = pcapngSink((bytes) => writes.push(bytes));
  const connect = event({ opcode: 0x7f, nsid: 0x01, dataLength: 1024 });
  const answer = { issuedNs: START_NS, completion: { status: 0, result: 1n } };
  for (let round = 0; round < 2; round++) {
    sink.command(connect);
    sink.data?.({ ...connect, kind: "data", data: pattern(1024) });
    sink.completion({ ...connect, kind: "completion", ...answer });
    sink.command(event({}, 2));
  }
  // One whose data never came is shown as it is.
  sink.command(connect);
  sink.completion({ ...connect, kind: "completion", ...answer });
  const packets = readPackets(join(writes));
  const hosts = new Set(packets.map((p) => p.fromHost ? p.source : p.destination));
  assertEquals([...hosts].map((host) => host.split(":")[1]), ["49153", "65535", "65534"]);
  assertEquals(
    [...hosts].map((host) => readPdus(packets, host).map(({ type }) => type).join(" ")),
    // Greeting, Connect with its data in the capsule, response, command.
    ["0 1 4 5 4", "0 1 4 5 4", "0 1 4 5"],
  );
  const [first = ""] = hosts;
  assertEquals(readPdus(packets, first)[2]?.data, pattern(1024));
});

Deno.test("pcapngSink() shows a register access of a command only as that", () => {
  const writes: Uint8Array[] = [];
  const sink = pcapngSink((bytes) => writes.push(bytes));
  sink.register({ ...registerEvent("a"), byCommand: true });
  assertEquals(writes.length, 1);
});

Deno.test("pcapngSink() uses a port again only when all have been used", () => {
  let blocks = 0;
  const sink = pcapngSink(() => blocks++);
  const connect = { ...event({ opcode: 0x7f, nsid: 0x01 }), data: pattern(1024) };
  for (let round = 0; round <= 16384; round++) sink.command(connect);
  // Section, interface; handshake, greeting and capsule of each connection.
  assertEquals(blocks, 2 + 6 * 16385);
});
