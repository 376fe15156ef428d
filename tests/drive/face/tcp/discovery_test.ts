// The discovery service: what it says of itself and of the others.

import { assertEquals } from "@std/assert";
import { DISCOVERY_NQN, discoveryPage } from "../../../../src/drive/face/tcp/discovery.ts";
import { IdentifyController } from "../../../../src/spec/identify/identify_controller.ts";
import { DiscoveryPage } from "../../../../src/spec/log/discovery.ts";
import type { TcpHost } from "../../../support/tcp_host.ts";
import { TcpBench } from "./bench.ts";

const OK = "00h/00h";
const DISCOVERY_CHANGED = 0x70_f002;

function readPage(host: TcpHost, options: { length?: number; offset?: number; rae?: boolean }) {
  const { length = 3072, offset = 0, rae = false } = options;
  return host.submit({
    opcode: 2,
    cdw10: ((length / 4 - 1) << 16 | (rae ? 0x8000 : 0) | 0x70) >>> 0,
    cdw12: offset,
    length,
  });
}

Deno.test("a discovery controller says what it is", async () => {
  const host = await new TcpBench().dial().start(DISCOVERY_NQN);
  const { data } = await host.submit({ opcode: 6, cdw10: 1, length: 4096 });
  const { cntrltype, dctype, nn, oaes, subnqn, lpa, kas } = IdentifyController.decode(data);
  assertEquals([cntrltype, dctype, nn, subnqn], [2, 1, 0, DISCOVERY_NQN]);
  assertEquals([oaes.dlpcn, oaes.nsan, lpa.lpeds, kas > 0], [true, false, true, true]);
  for (const cns of [0x00, 0x02, 0x03]) {
    const { status } = await host.submit({ opcode: 6, cdw10: cns, nsid: 1, length: 4096 });
    assertEquals(status, "00h/02h");
  }
});

Deno.test("the log page has every subsystem, itself first, at the address of the host's own", async () => {
  const bench = new TcpBench();
  const nqn = "nqn.2014-08.org.example:second";
  bench.target.add({ drive: bench.newDrive(), nqn });
  const host = await bench.dial().start(DISCOVERY_NQN);
  const { status, data } = await readPage(host, { length: 4096 });
  assertEquals(status, OK);
  const { recordCount, generation, entries } = DiscoveryPage.decode(data);
  assertEquals([recordCount, generation], [3n, 2n]);
  assertEquals(entries.map((entry) => entry.subnqn), [DISCOVERY_NQN, bench.nqn, nqn]);
  for (const { address, service, transport, addressFamily, controller } of entries) {
    assertEquals([address, service, transport, addressFamily, controller], [
      "127.0.0.1",
      "4420",
      3,
      1,
      0xffff,
    ]);
  }
  const part = await readPage(host, { length: 1024, offset: 2048 });
  assertEquals(part.data, data.subarray(2048, 3072));
});

Deno.test("a change is announced, once until the page was read", async () => {
  const bench = new TcpBench();
  const host = await bench.dial().start(DISCOVERY_NQN);
  await host.submit({ opcode: 9, cdw10: 0x0b, cdw11: 0x8000_0000 });
  const event = host.submit({ opcode: 0x0c });
  const second = host.submit({ opcode: 0x0c, cid: 99 });
  const nqn = "nqn.2014-08.org.example:second";
  bench.target.add({ drive: bench.newDrive(), nqn });
  assertEquals((await event).dw0, DISCOVERY_CHANGED);
  bench.target.remove(nqn);
  assertEquals(host.pending.has(99), true, "masked until the page is read");
  await readPage(host, { rae: true });
  assertEquals(host.pending.has(99), true, "and that without retaining the event");
  const { data } = await readPage(host, {});
  assertEquals(DiscoveryPage.decode(data).generation, 3n);
  bench.target.add({ drive: bench.newDrive(), nqn });
  assertEquals((await second).dw0, DISCOVERY_CHANGED);
});

Deno.test("a host that forgets a discovery controller loses it, Keep Alive Timeout or not", async () => {
  const bench = new TcpBench();
  const host = await bench.dial().start(DISCOVERY_NQN);
  bench.advance(119_000);
  assertEquals(host.socket.ended, undefined);
  bench.advance(2_000);
  assertEquals(host.socket.ended, "closed");
});

Deno.test("hosts that hold on to the discovery service lock nobody out", async () => {
  const bench = new TcpBench();
  const hosts: TcpHost[] = [];
  for (let count = 0; count < 16; count++) {
    hosts.push(await bench.dial().start(DISCOVERY_NQN));
    bench.advance(10);
  }
  // The first of them is the last that was heard of.
  const [first, second] = hosts;
  assertEquals((await first?.submit({ opcode: 0x18 }))?.status, OK);
  // Who asks for a queue that cannot be takes nobody's place.
  const wrong = bench.dial();
  wrong.initialize();
  assertEquals((await wrong.connect(DISCOVERY_NQN, { entries: 1 })).status, "01h/82h");
  assertEquals(hosts.map(({ socket }) => socket.ended), Array(16).fill(undefined));
  const next = await bench.dial().start(DISCOVERY_NQN);
  assertEquals((await readPage(next, {})).status, OK);
  assertEquals([first?.socket.ended, second?.socket.ended], [undefined, "closed"]);
  for (let count = 0; count < 24; count++) {
    bench.advance(10);
    await bench.dial().start(DISCOVERY_NQN);
  }
  assertEquals(bench.target.connections.size, 17);
  // Where a drive's own controllers are taken, they are.
  const holder = await bench.host();
  const others = bench.drive.controllers.length - 1;
  for (let count = 0; count < others; count++) await bench.host();
  const late = bench.dial();
  late.initialize();
  assertEquals((await late.connect(bench.nqn)).status, "01h/81h");
  assertEquals(holder.socket.ended, undefined);
});

Deno.test("an IPv6 address is one", () => {
  const page = discoveryPage({
    generation: 7,
    nqns: ["nqn.2014-08.org.example:a"],
    addresses: [{ host: "::1", port: 8009 }, { host: "10.0.2.2", port: 4420 }],
  });
  const { entries } = DiscoveryPage.decode(page);
  assertEquals(entries.map((entry) => [entry.addressFamily, entry.address, entry.service]), [
    [2, "::1", "8009"],
    [1, "10.0.2.2", "4420"],
  ]);
});
