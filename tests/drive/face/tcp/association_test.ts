// How long a host keeps its controller: as long as it is heard of, and its admin queue is there.

import { assert, assertEquals } from "@std/assert";
import { CC, REGISTERS } from "../../../../src/spec/registers.ts";
import { TcpBench } from "./bench.ts";

const OK = "00h/00h";
const KEEP_ALIVE = { opcode: 0x18 } as const;

Deno.test("a host that falls silent loses its controller and its connections", async () => {
  const bench = new TcpBench();
  const admin = await bench.host({ kato: 5_000 });
  const io = await bench.ioQueue(admin);
  bench.advance(9_000);
  assertEquals(admin.socket.ended, undefined);
  bench.advance(2_000);
  assertEquals([admin.socket.ended, io.socket.ended], ["closed", "closed"]);
  assertEquals(bench.drive.state.errors[0]?.status, 0x6019, "Keep Alive Timer Expired");
  assertEquals(bench.timers, 0);
  assertEquals((await bench.host()).cntlid, 1, "the controller is free again");
});

Deno.test("Keep Alive, and whatever else a host sends on any queue, keeps it", async () => {
  const bench = new TcpBench();
  const admin = await bench.host({ kato: 5_000 });
  const io = await bench.ioQueue(admin);
  for (let round = 0; round < 4; round++) {
    bench.advance(8_000);
    assertEquals((await admin.submit(KEEP_ALIVE)).status, OK);
    bench.advance(8_000);
    assertEquals((await io.submit({ opcode: 2, nsid: 1, length: 512 })).status, OK);
  }
});

Deno.test("Set Features changes the Keep Alive Timer while it runs", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  bench.advance(1_000_000);
  assertEquals(admin.socket.ended, undefined, "without a timeout there is no timer");
  assertEquals((await admin.submit({ opcode: 9, cdw10: 0x0f, cdw11: 1_500 })).status, OK);
  assertEquals((await admin.submit({ opcode: 0x0a, cdw10: 0x0f })).dw0, 2_000);
  bench.advance(4_100);
  assertEquals(admin.socket.ended, "closed");
});

Deno.test("losing the admin connection resets the controller and ends its I/O queues", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const io = await bench.ioQueue(admin);
  assertEquals((await admin.submit({ opcode: 9, cdw10: 0x02, cdw11: 2 })).status, OK);
  const waiting = admin.submit({ opcode: 0x0c });
  admin.connection.closed();
  assertEquals(io.socket.ended, "closed");
  assertEquals(bench.drive.first.registers.enabled, false);
  assertEquals(bench.drive.first.outstanding.asyncEvents, []);
  const next = await bench.host();
  assertEquals((await next.submit({ opcode: 0x0a, cdw10: 0x02 })).dw0 & 0x1f, 0);
  assert(waiting instanceof Promise);
});

Deno.test("losing an I/O connection loses its commands, and nothing else", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const io = await bench.ioQueue(admin);
  io.onR2T = () => {};
  void io.submit({ opcode: 1, nsid: 1, cid: 5, out: new Uint8Array(512), inCapsule: 0 });
  assert(bench.drive.first.outstanding.find(1, 5));
  io.connection.closed();
  assertEquals(bench.drive.first.outstanding.find(1, 5), undefined);
  assertEquals((await admin.submit(KEEP_ALIVE)).status, OK);
  const again = await bench.ioQueue(admin);
  assertEquals((await again.submit({ opcode: 2, nsid: 1, length: 512 })).status, OK);
});

Deno.test("clearing CC.EN ends the I/O queues and answers; the admin queue goes on", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const io = await bench.ioQueue(admin);
  const cleared = await admin.setProperty(REGISTERS.CC.offset, CC.compose({ en: false }));
  assertEquals(cleared.status, OK);
  assertEquals([io.socket.ended, admin.socket.ended], ["closed", undefined]);
  assertEquals((await admin.submit(KEEP_ALIVE)).status, "00h/0Ch");
  assert(await admin.enable());
  assertEquals((await admin.submit(KEEP_ALIVE)).status, OK);
  await bench.ioQueue(admin);
});

Deno.test("a fatal controller takes no commands until it is reset", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  bench.drive.first.registers.fail();
  assertEquals((await admin.submit(KEEP_ALIVE)).status, "00h/0Ch");
  await admin.setProperty(REGISTERS.CC.offset, 0);
  assert(await admin.enable());
  assertEquals((await admin.submit(KEEP_ALIVE)).status, OK);
});

Deno.test("the Host Identifier feature tells who has the controller", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const { status, data } = await admin.submit({ opcode: 0x0a, cdw10: 0x81, cdw11: 1, length: 16 });
  assertEquals(status, OK);
  assertEquals(data, Uint8Array.from({ length: 16 }, (_, at) => at + 1));
});
