// The target as a whole: how many it serves, and what it serves.

import { assertEquals, assertThrows } from "@std/assert";
import { DISCOVERY_NQN } from "../../../../src/drive/face/tcp/discovery.ts";
import { MemorySocket } from "../../../support/tcp_host.ts";
import { TcpBench } from "./bench.ts";

Deno.test("there is room for so many connections, and none beyond those that connected", async () => {
  const bench = new TcpBench({}, { connections: 2, strangers: 2 });
  const accept = () => bench.target.accept(new MemorySocket(), { peer: "memory" });
  const admin = await bench.host();
  const io = await bench.ioQueue(admin);
  assertEquals(accept(), undefined);
  assertEquals([admin, io].map(({ socket }) => socket.ended), [undefined, undefined]);
  io.connection.closed();
  await bench.ioQueue(admin);
  assertEquals(bench.target.connections.size, 2);
});

Deno.test("connections that say nothing lock nobody out: the oldest of them makes room", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const idle = Array.from({ length: 40 }, () => bench.dial());
  const { strangers } = bench.target.limits;
  assertEquals(bench.target.connections.size, strangers + 1);
  const gone = idle.map(({ socket }) => socket.ended === "reset");
  assertEquals(gone, idle.map((_, at) => at < idle.length - strangers));
  // Neither a new host nor one that has a controller notices.
  const io = await bench.ioQueue(admin);
  const read = await io.submit({ opcode: 0x02, nsid: 1, length: 512 });
  assertEquals([read.status, admin.socket.ended], ["00h/00h", undefined]);
  bench.target.close();
  assertEquals([bench.target.connections.size, bench.timers], [0, 0]);
});

Deno.test("where the total is reached a stranger makes room, too", async () => {
  const bench = new TcpBench({}, { connections: 3, strangers: 3 });
  const admin = await bench.host();
  const [first, second] = [bench.dial(), bench.dial()];
  const io = await bench.ioQueue(admin);
  assertEquals([first?.socket.ended, second?.socket.ended], ["reset", undefined]);
  assertEquals((await io.submit({ opcode: 0x02, nsid: 1, length: 512 })).status, "00h/00h");
  assertEquals(bench.target.connections.size, 3);
});

Deno.test("a name is served once, and not after it was removed", async () => {
  const bench = new TcpBench();
  assertThrows(() => bench.target.add({ drive: bench.newDrive() }), RangeError, "is taken");
  assertThrows(
    () => bench.target.add({ drive: bench.newDrive(), nqn: DISCOVERY_NQN }),
    RangeError,
  );
  const host = await bench.host();
  bench.target.remove(bench.nqn);
  assertEquals(host.socket.ended, "closed");
  assertEquals(bench.target.nqns, []);
  const next = bench.dial();
  next.initialize();
  assertEquals((await next.connect(bench.nqn)).status, "01h/82h");
});

Deno.test("two drives are two subsystems", async () => {
  const bench = new TcpBench();
  const nqn = "nqn.2014-08.org.example:second";
  bench.target.add({ drive: bench.newDrive(), nqn });
  const [one, other] = [await bench.host(), await bench.dial().start(nqn)];
  assertEquals([one.cntlid, other.cntlid], [1, 1]);
  const write = { opcode: 9, cdw10: 0x02, cdw11: 1 };
  assertEquals((await one.submit(write)).status, "00h/00h");
  assertEquals((await other.submit({ opcode: 0x0a, cdw10: 0x02 })).dw0 & 0x1f, 0);
});

Deno.test("closing ends all connections and leaves no timer", async () => {
  const bench = new TcpBench();
  const admin = await bench.host({ kato: 5_000 });
  const io = await bench.ioQueue(admin);
  const stranger = bench.dial();
  bench.target.close();
  assertEquals([admin, io, stranger].map(({ socket }) => socket.ended), Array(3).fill("closed"));
  assertEquals([bench.target.connections.size, bench.timers], [0, 0]);
});
