// Commands on a queue: their data, their order, and what has no place there.

import { assert, assertEquals } from "@std/assert";
import { FATAL_ERROR, PDU_TYPE } from "../../../../src/tcp/pdu.ts";
import { CC, CSTS, REGISTERS, SHN, SHST } from "../../../../src/spec/registers.ts";
import { GENERIC } from "../../../../src/spec/status/generic.ts";
import { IdentifyController } from "../../../../src/spec/identify/identify_controller.ts";
import type { TcpHost } from "../../../support/tcp_host.ts";
import { TcpBench } from "./bench.ts";

const OK = "00h/00h";
const BLOCK = 512;
const LARGE = 8 * BLOCK;

Deno.test("nothing but Connect is done before Connect, and nothing else before CC.EN", async () => {
  const bench = new TcpBench();
  const host = bench.dial();
  host.initialize();
  assertEquals((await host.submit({ opcode: 6, cdw10: 1, length: 4096 })).status, "00h/0Ch");
  assertEquals((await host.property(REGISTERS.VS.offset)).status, "00h/0Ch");
  await host.connect(bench.nqn);
  assertEquals((await host.submit({ opcode: 6, cdw10: 1, length: 4096 })).status, "00h/0Ch");
  assertEquals((await host.property(REGISTERS.VS.offset)).dw0, 0x020100);
  assert(await host.enable());
  assertEquals((await host.submit({ opcode: 6, cdw10: 1, length: 4096 })).status, OK);
});

Deno.test("Property Get and Set know the registers of a fabric, in their width", async () => {
  const bench = new TcpBench();
  const host = await bench.host();
  const cap = await host.property(REGISTERS.CAP.offset, 8);
  assertEquals([cap.status, cap.dw0 & 0xffff], [OK, 1023]);
  assert(cap.dw1 !== 0);
  for (const [offset, width] of [[0, 4], [8, 8], [0x0c, 4], [0x24, 4], [0x1000, 4]] as const) {
    const { status } = await host.property(offset, width);
    assertEquals(status, "00h/02h", `${offset} ${width}`);
  }
  assertEquals((await host.setProperty(REGISTERS.AQA.offset, 1)).status, "00h/02h");
});

Deno.test("a shutdown completes, and the controller takes no more commands", async () => {
  const bench = new TcpBench();
  const host = await bench.host();
  await host.setProperty(REGISTERS.CC.offset, CC.compose({ en: true, shn: SHN.normal }));
  const { dw0 } = await host.property(REGISTERS.CSTS.offset);
  assertEquals(CSTS.parse(dw0).shst, SHST.complete);
  assertEquals((await host.submit({ opcode: 6, cdw10: 1, length: 4096 })).status, "00h/0Ch");
});

Deno.test("data comes in the capsule or by R2T, and is the same either way", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  for (const [inCapsule, seed] of [[8192, 1], [0, 2]] as const) {
    const out = new Uint8Array(LARGE).fill(seed);
    io.types.length = 0;
    assertEquals(
      (await io.submit({ opcode: 1, nsid: 1, cdw12: 7, out, inCapsule })).status,
      OK,
    );
    const expected = inCapsule === 0
      ? [PDU_TYPE.r2t, PDU_TYPE.capsuleResp]
      : [PDU_TYPE.capsuleResp];
    assertEquals(io.types, expected);
    assertEquals((await io.submit({ opcode: 2, nsid: 1, cdw12: 7, length: LARGE })).data, out);
  }
});

Deno.test("a data pointer that makes no sense is refused in its own words", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  const out = new Uint8Array(LARGE);
  const write = { opcode: 1, nsid: 1, cdw12: 7, out } as const;
  const read = { opcode: 2, nsid: 1, cdw12: 7, length: LARGE } as const;
  const cases = [
    [{ ...read, flags: 0 }, "00h/02h"],
    [{ ...read, flags: 0x80 }, "00h/02h"],
    [{ ...read, sgl: 0x00 }, "00h/11h"],
    [{ ...read, sgl: 0x02 }, "00h/11h"],
    [{ ...read, sglLength: LARGE - 4 }, "00h/0Fh"],
    [{ ...write, sglLength: LARGE - 4 }, "00h/0Fh"],
    [{ ...write, sglLength: LARGE + 4 }, "00h/0Fh"],
    [{ ...write, sgl: 0x5a }, "00h/0Fh"],
    [{ ...write, sglOffset: BigInt(LARGE) }, "00h/0Fh"],
    [{ ...write, sglOffset: BigInt(LARGE + 1) }, "00h/16h"],
    [{ ...write, inCapsule: 0, sglLength: LARGE - BLOCK }, "00h/0Fh"],
  ] as const;
  for (const [at, [command, status]] of cases.entries()) {
    assertEquals((await io.submit(command)).status, status, `case ${at}`);
  }
  // A buffer longer than the data is fine, as SGLS says.
  const longer = await io.submit({ ...read, length: 2 * LARGE });
  assertEquals([longer.status, longer.data.length], [OK, LARGE]);
});

Deno.test("responses tell the queue head, which goes round", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host(), { entries: 4 });
  const heads: number[] = [];
  for (let count = 0; count < 5; count++) {
    const { sqhd, sqid } = await io.submit({ opcode: 2, nsid: 1, length: BLOCK });
    heads.push(sqhd);
    assertEquals(sqid, 1);
  }
  assertEquals(heads, [2, 3, 0, 1, 2]);
});

Deno.test("more commands than the queue has entries end the connection", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host(), { entries: 4 });
  io.onR2T = () => {};
  for (let count = 0; count < 5; count++) {
    void io.submit({ opcode: 1, nsid: 1, out: new Uint8Array(BLOCK), inCapsule: 0 });
  }
  assertEquals(io.fes, FATAL_ERROR.sequence);
});

Deno.test("without flow control data stands for its response, but not for an error", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host(), { noFlowControl: true });
  io.types.length = 0;
  const read = await io.submit({ opcode: 2, nsid: 1, length: BLOCK });
  assertEquals([read.status, read.bySuccessFlag], [OK, true]);
  assertEquals(io.types, [PDU_TYPE.c2hData]);
  const beyond = await io.submit({ opcode: 2, nsid: 1, cdw11: 0xffff, length: BLOCK });
  assertEquals([beyond.status, beyond.sqhd], ["00h/80h", 0]);
  // A plug-in that looks at completions gets one to look at.
  bench.drive.taps.attach("tcp:rsp:writeback", () => {});
  assertEquals((await io.submit({ opcode: 2, nsid: 1, length: BLOCK })).bySuccessFlag, false);
});

Deno.test("Connect answers SQHD FFFFh where flow control is off, and only there", async () => {
  const bench = new TcpBench();
  const on = bench.dial();
  on.initialize();
  assertEquals((await on.connect(bench.nqn)).sqhd, 1);
  on.connection.closed();
  const off = bench.dial();
  off.initialize();
  assertEquals((await off.connect(bench.nqn, { noFlowControl: true })).sqhd, 0xffff);
});

Deno.test("Disconnect ends an I/O queue, and only an I/O queue", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const io = await bench.ioQueue(admin);
  const disconnect = { opcode: 0x7f, nsid: 0x08 };
  assertEquals((await admin.submit(disconnect)).status, "01h/85h");
  assertEquals((await io.submit({ ...disconnect, cdw10: 1 })).status, "01h/80h");
  assertEquals((await io.submit(disconnect)).status, OK);
  assertEquals(io.socket.ended, "closed");
  await bench.ioQueue(admin);
});

Deno.test("queue commands, authentication and properties of I/O queues are unknown here", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  for (const opcode of [0x00, 0x01, 0x04, 0x05, 0x7c]) {
    assertEquals((await admin.submit({ opcode })).status, "00h/01h", `${opcode}`);
  }
  for (const type of [0x05, 0x06, 0x33, 0xc0]) {
    assertEquals((await admin.submit({ opcode: 0x7f, nsid: type })).status, "00h/01h");
  }
  const io = await bench.ioQueue(admin);
  assertEquals((await io.property(REGISTERS.VS.offset)).status, "00h/01h");
});

Deno.test("a write may end before its data came, and late data is thrown away", async () => {
  const bench = new TcpBench();
  const admin = await bench.host();
  const io = await bench.ioQueue(admin);
  let late: (() => void) | undefined;
  io.onR2T = (fields) => late = () => io.answerR2T(fields);
  const write = io.submit({
    opcode: 1,
    nsid: 1,
    cid: 77,
    out: new Uint8Array(BLOCK).fill(1),
    inCapsule: 0,
  });
  const { outstanding } = bench.drive.first;
  const exchange = outstanding.find(1, 77);
  assert(exchange);
  outstanding.finish(exchange, GENERIC.abortRequested);
  assertEquals((await write).status, "00h/07h");
  io.pending.set(77, {
    out: new Uint8Array(BLOCK).fill(1),
    buffer: new Uint8Array(0),
    received: 0,
    resolve: () => {},
  });
  late?.();
  assertEquals(io.fes, undefined);
  const read = await io.submit({ opcode: 2, nsid: 1, length: BLOCK });
  assertEquals(read.data, new Uint8Array(BLOCK));
});

Deno.test("Identify tells what a host over a fabric needs to know", async () => {
  const bench = new TcpBench();
  const identified = await identify(await bench.host());
  const { kas, sgls, ioccsz, iorcsz, icdoff, fcatt, msdbd, maxcmd, cntrltype, subnqn } = identified;
  assertEquals([ioccsz, iorcsz, icdoff, msdbd, cntrltype], [516, 1, 0, 1, 1]);
  assertEquals([fcatt.dcms, maxcmd, subnqn, kas], [false, 1024, bench.nqn, 10]);
  assertEquals([sgls.sgls, sgls.saos, sgls.lldts, sgls.ksdbds], [1, true, true, false]);
  assertEquals(identified.ctratt.tbkas, true);

  bench.target.remove(bench.nqn);
  assertEquals(bench.drive.fabrics, undefined);
});

Deno.test("a drive that is older than fabrics tells its host of the fabric all the same", async () => {
  const bench = new TcpBench({ version: 0x010200 });
  const identified = await identify(await bench.host());
  const { subnqn, ver, maxcmd, ctratt, kas, ioccsz, sgls, sanicap } = identified;
  assertEquals([subnqn, ver.value], [bench.nqn, 0x010200]);
  assertEquals([maxcmd > 0, ctratt.hids, ctratt.tbkas, kas > 0], [true, true, true, true]);
  assertEquals([ioccsz, sgls.sgls], [(64 + 8192) / 16, 1]);
  // What has nothing to do with the fabric is as old as the drive.
  assertEquals(sanicap.value, 0);
});

async function identify(host: TcpHost): Promise<ReturnType<typeof IdentifyController.decode>> {
  const { data } = await host.submit({ opcode: 6, cdw10: 1, length: 4096 });
  return IdentifyController.decode(data);
}
