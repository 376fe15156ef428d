// Plug-ins at the taps of PDUs: what they can change, drop, spoil and end.

import { assertEquals } from "@std/assert";
import { C2HData, CommonHeader, FATAL_ERROR, PDU_TYPE } from "../../../../src/tcp/pdu.ts";
import type { EventTap, PduTap, TapContext } from "../../../../src/drive/tap/verdict.ts";
import { TcpBench } from "./bench.ts";

const OK = "00h/00h";
const READ = { opcode: 2, nsid: 1, cdw12: 7, length: 4096 } as const;

Deno.test("each PDU fires its tap, with its queue and its header", async () => {
  const bench = new TcpBench();
  const seen: string[] = [];
  bench.drive.taps.attach("tcp:accept:event", (context) => {
    seen.push(`accept ${(context as EventTap).details["peer"]}`);
  });
  for (
    const tap of [
      "tcp:icreq:decode",
      "tcp:icresp:writeback",
      "tcp:cmd:decode",
      "tcp:rsp:writeback",
      "tcp:h2c:decode",
      "tcp:c2h:writeback",
      "tcp:r2t:writeback",
    ]
  ) {
    bench.drive.taps.attach(tap, (context) => {
      const { type, qid, header, data } = context as PduTap;
      assertEquals(header[0], type);
      seen.push(`${tap} ${qid} ${header.length}+${data?.length ?? 0}`);
    });
  }
  const io = await bench.ioQueue(await bench.host());
  seen.length = 0;
  bench.dial().initialize();
  await io.submit(READ);
  await io.submit({ opcode: 1, nsid: 1, out: new Uint8Array(512), inCapsule: 0 });
  assertEquals(seen, [
    "accept memory",
    "tcp:icreq:decode -1 128+0",
    "tcp:icresp:writeback -1 128+0",
    "tcp:cmd:decode 1 72+0",
    "tcp:c2h:writeback 1 24+4096",
    "tcp:rsp:writeback 1 24+0",
    "tcp:cmd:decode 1 72+0",
    "tcp:r2t:writeback 1 24+0",
    "tcp:h2c:decode 1 24+512",
    "tcp:rsp:writeback 1 24+0",
  ]);
});

Deno.test("data can be exchanged or cut short on its way, and the header says so", async () => {
  const bench = new TcpBench();
  const terms = { headerDigest: true, dataDigest: true };
  const io = await bench.ioQueue(await bench.host(terms), { terms });
  bench.drive.taps.attach("tcp:c2h:writeback", () => ({
    kind: "mutate",
    data: new Uint8Array(512).fill(7),
  }));
  const { status, data } = await io.submit(READ);
  assertEquals([status, data, io.badData], [OK, new Uint8Array(512).fill(7), 0]);
});

Deno.test("a payload cut at nvme:io:data is a short transfer", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  bench.drive.taps.attach("nvme:io:data", () => ({ kind: "mutate", data: new Uint8Array(512) }));
  const { status, data } = await io.submit(READ);
  assertEquals([status, data.length], [OK, 512]);
});

Deno.test("digests can be spoiled, each by itself", async () => {
  const bench = new TcpBench();
  const terms = { headerDigest: true, dataDigest: true };
  const io = await bench.ioQueue(await bench.host(terms), { terms });
  bench.drive.taps.attach("tcp:c2h:writeback", () => ({ kind: "mutate", corrupt: "data-digest" }));
  await io.submit(READ);
  assertEquals(io.badData, 1);
  bench.drive.taps.detach("tcp:c2h:writeback");
  bench.drive.taps.attach("tcp:rsp:writeback", () => ({
    kind: "mutate",
    corrupt: "header-digest",
  }));
  let error: unknown;
  await new Promise<void>((resolve) => {
    const receive = io.socket.onBytes;
    io.socket.onBytes = (bytes) => {
      try {
        receive(bytes);
      } catch (thrown) {
        error = thrown;
        resolve();
      }
    };
    void io.submit(READ);
  });
  assertEquals((error as { fes: number }).fes, FATAL_ERROR.headerDigest);
});

Deno.test("a header that a plug-in wrote is sent as it is", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  bench.drive.taps.attach("tcp:c2h:writeback", (context) => {
    const header = (context as PduTap).header.slice();
    new DataView(header.buffer).setUint32(C2HData.row("datao").first, 512, true);
    return { kind: "mutate", header };
  });
  const { status, data } = await io.submit({ ...READ, length: 8192 });
  assertEquals([status, data.length], [OK, 4096]);
  assertEquals(CommonHeader.size, 8);
});

Deno.test("a command capsule can be changed before anybody reads it", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  bench.drive.taps.attach("tcp:cmd:decode", (context) => {
    const header = (context as PduTap).header.slice();
    header[8] = 0x7e;
    return { kind: "mutate", header };
  });
  assertEquals((await io.submit(READ)).status, "00h/01h");
});

Deno.test("PDUs can vanish in both directions", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  bench.drive.taps.attach("tcp:cmd:decode", () => ({ kind: "drop" }));
  void io.submit({ ...READ, cid: 70 });
  bench.drive.taps.detach("tcp:cmd:decode");
  bench.drive.taps.attach("tcp:rsp:writeback", () => ({ kind: "drop" }));
  void io.submit({ ...READ, cid: 71 });
  bench.drive.taps.detach("tcp:rsp:writeback");
  assertEquals((await io.submit(READ)).status, OK);
  assertEquals([...io.pending.keys()], [70, 71]);
  assertEquals(io.pending.get(71)?.received, 4096);
});

Deno.test("a plug-in ends the connection in any of the three ways", async () => {
  for (const [how, ended] of [["close", "closed"], ["reset", "reset"]] as const) {
    const bench = new TcpBench();
    const io = await bench.ioQueue(await bench.host());
    bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "disconnect", how }));
    void io.submit(READ);
    assertEquals([io.socket.ended, io.fes], [ended, undefined]);
  }
  const bench = new TcpBench();
  const told: EventTap["details"][] = [];
  bench.drive.taps.attach("tcp:term:writeback", (context: TapContext) => {
    told.push((context as EventTap).details);
  });
  const io = await bench.ioQueue(await bench.host());
  bench.drive.taps.attach("tcp:cmd:decode", () => ({
    kind: "disconnect",
    how: "terminate",
    fes: 4,
  }));
  void io.submit(READ);
  assertEquals([io.fes, told[0]?.["fes"]], [4, 4]);
});

Deno.test("completions carry the identifiers and come as often as a plug-in says", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  bench.drive.taps.attach("nvme:io:writeback", () => ({
    kind: "mutate",
    completion: { cid: 500, sqid: 9, copies: 3 },
  }));
  void io.submit(READ);
  assertEquals(io.strays.map(({ type }) => type), Array(3).fill(PDU_TYPE.capsuleResp));
  assertEquals(io.strays.map(({ header }) => [header[18], header[20], header[21]]), [
    [9, 500 & 0xff, 1],
    [9, 500 & 0xff, 1],
    [9, 500 & 0xff, 1],
  ]);
});
