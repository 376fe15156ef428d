// Who gets which controller, and the words in which others are turned away.

import { assertEquals } from "@std/assert";
import { DISCOVERY_NQN } from "../../../../src/drive/face/tcp/discovery.ts";
import type { TcpHost } from "../../../support/tcp_host.ts";
import { TcpBench } from "./bench.ts";

const BUSY = "01h/81h";
const PARAMETERS = "01h/82h";
const INVALID_HOST = "01h/84h";

/** Where a parameter is: in the command, or in the data. */
const inCommand = (byte: number): number => byte;
const inData = (byte: number): number => byte | 0x1_0000;

function dial(bench: TcpBench): TcpHost {
  const host = bench.dial();
  host.initialize();
  return host;
}

Deno.test("Connect gives the controller's identifier, and the first queue head", async () => {
  const bench = new TcpBench();
  const answer = await dial(bench).connect(bench.nqn);
  assertEquals([answer.status, answer.dw0, answer.sqhd], ["00h/00h", 1, 1]);
});

Deno.test("Connect says which parameter it does not accept", async () => {
  const bench = new TcpBench();
  const cases = [
    [{ entries: 1 }, inCommand(44)],
    [{ entries: 1025 }, inCommand(44)],
    [{ cntlid: 0xfff3 }, inData(16)],
    [{ cntlid: 7 }, inData(16)],
    [{ hostNqn: "" }, inData(512)],
    [{ hostNqn: "someone" }, inData(512)],
    [{ hostId: new Uint8Array(16) }, inData(0)],
    [{ qid: 1, cntlid: 1 }, inData(16)],
  ] as const;
  for (const [options, dw0] of cases) {
    const answer = await dial(bench).connect(bench.nqn, options);
    assertEquals([answer.status, answer.dw0], [PARAMETERS, dw0], JSON.stringify(options));
  }
  const unknown = await dial(bench).connect("nqn.2014-08.org.example:nobody");
  assertEquals([unknown.status, unknown.dw0], [PARAMETERS, inData(256)]);
  const format = await dial(bench).connect(bench.nqn, { recfmt: 1 });
  assertEquals(format.status, "01h/80h");
  assertEquals(bench.drive.state.errors, [], "a Connect that fails is not logged");
});

Deno.test("a controller has one host; with several of them the next one gets the next", async () => {
  const bench = new TcpBench({ controllers: 2 });
  const first = await bench.host();
  const second = await bench.host();
  assertEquals([first.cntlid, second.cntlid], [1, 2]);
  assertEquals((await dial(bench).connect(bench.nqn)).status, BUSY);
  assertEquals((await dial(bench).connect(bench.nqn, { cntlid: 2 })).status, BUSY);
  second.connection.closed();
  assertEquals((await dial(bench).connect(bench.nqn, { cntlid: 2 })).dw0, 2);
});

Deno.test("a host that is not allowed is refused by name", async () => {
  const bench = new TcpBench();
  const other = bench.newDrive();
  const nqn = "nqn.2014-08.org.example:private";
  bench.target.add({ drive: other, nqn, hosts: ["nqn.2014-08.org.example:friend"] });
  assertEquals((await dial(bench).connect(nqn)).status, INVALID_HOST);
  const friend = await dial(bench).connect(nqn, { hostNqn: "nqn.2014-08.org.example:friend" });
  assertEquals(friend.status, "00h/00h");
});

Deno.test("an I/O queue belongs to the host that has the controller, and is created once", async () => {
  const bench = new TcpBench();
  const early = await dialAdmin(bench);
  const before = await dial(bench).connect(bench.nqn, { qid: 1, cntlid: early.cntlid });
  assertEquals([before.status, before.dw0], [PARAMETERS, inCommand(42)], "not enabled yet");
  await early.enable();

  const cntlid = early.cntlid;
  const cases = [
    [{ hostNqn: "nqn.2014-08.org.example:other" }, PARAMETERS, inData(512)],
    [{ hostId: new Uint8Array(16).fill(9) }, PARAMETERS, inData(0)],
    [{ entries: 2000 }, PARAMETERS, inCommand(44)],
    [{ qid: 33 }, "01h/01h", 0],
  ] as const;
  for (const [options, status, dw0] of cases) {
    const answer = await dial(bench).connect(bench.nqn, { qid: 1, cntlid, ...options });
    assertEquals([answer.status, answer.dw0], [status, dw0], JSON.stringify(options));
  }
  // A host identifier of zero is not looked at on I/O queues.
  const io = dial(bench);
  const hostId = new Uint8Array(16);
  assertEquals((await io.connect(bench.nqn, { qid: 1, cntlid, hostId })).status, "00h/00h");
  assertEquals((await dial(bench).connect(bench.nqn, { qid: 1, cntlid })).status, "01h/01h");
  assertEquals((await io.connect(bench.nqn, { qid: 1, cntlid })).status, "00h/0Ch");
});

Deno.test("the data of Connect may come by R2T, too", async () => {
  const bench = new TcpBench();
  assertEquals((await dial(bench).connect(bench.nqn, { inCapsule: 0 })).status, "00h/00h");
});

Deno.test("a discovery controller has no I/O queues", async () => {
  const bench = new TcpBench();
  const host = await bench.dial().start(DISCOVERY_NQN);
  const answer = await dial(bench).connect(DISCOVERY_NQN, { qid: 1, cntlid: host.cntlid });
  assertEquals([answer.status, answer.dw0], [PARAMETERS, inCommand(42)]);
});

Deno.test("a plug-in sees Connect, can refuse it, and sees its data", async () => {
  const bench = new TcpBench();
  let bytes = 0;
  bench.drive.taps.attach("fabrics:connect:decode", (context) => {
    bytes = context.kind === "command" ? context.data?.length ?? 0 : 0;
    return { kind: "claim", status: { type: 1, code: 0x84 } };
  }, { data: true });
  assertEquals((await dial(bench).connect(bench.nqn)).status, INVALID_HOST);
  assertEquals(bytes, 1024);
  bench.drive.taps.detach("fabrics:connect:decode");
  assertEquals((await dial(bench).connect(bench.nqn)).status, "00h/00h");
});

async function dialAdmin(bench: TcpBench): Promise<TcpHost> {
  const host = dial(bench);
  await host.connect(bench.nqn);
  return host;
}

Deno.test("I/O queues can be created while a sanitize operation runs", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  assertEquals((await admin.submit({ opcode: 0x84, cdw10: 2 })).status, "00h/00h");
  const io = await bench.ioQueue(admin);
  const read = await io.submit({ opcode: 0x02, nsid: 1, length: 512 });
  assertEquals(read.status, "00h/1Dh");
});

Deno.test("I/O queues can be created while a namespace is being formatted", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  bench.drive.state.formats.push({
    nsids: [1],
    settings: { format: 0, metadataInline: false, protection: 0, protectionFirst: false },
    nsid: 1,
    cdw10: 0,
    startedAt: bench.drive.now(),
    durationMs: 60_000,
    controller: admin.cntlid,
    sqid: 0,
    cid: 0xffff,
  });
  const io = await bench.ioQueue(admin);
  const read = await io.submit({ opcode: 0x02, nsid: 1, length: 512 });
  assertEquals(read.status, "00h/84h");
});

Deno.test("the number of queues stays as it is while there are I/O queues", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const set = { opcode: 0x09, cdw10: 0x07, cdw11: 0x0003_0003 };
  assertEquals((await admin.submit(set)).status, "00h/00h");
  const io = await bench.ioQueue(admin);
  assertEquals((await admin.submit(set)).status, "00h/0Ch");
  io.connection.closed();
  assertEquals((await admin.submit(set)).status, "00h/00h");
});
