// The polled driver as a transport: when the controller is touched, and how it is let go.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../../src/controller/drive.ts";
import { identifyController } from "../../../src/controller/identify.ts";
import { UnreachableError } from "../../../src/errors.ts";
import { CC, CSTS, REGISTERS } from "../../../src/spec/registers.ts";
import { openPolled } from "../../../src/transport/polled/mod.ts";
import { carryOut, type Transport } from "../../../src/transport/transport.ts";
import { feedOf, OPCODE, PolledRig, writeBlocks } from "../../support/polled.ts";

function open(rig: PolledRig): Promise<Transport> {
  const { backing, clock } = rig;
  return openPolled({ backing, clock, hostPageBytes: 4096 });
}

Deno.test("registers show the controller as it was found, until the first command", async () => {
  const rig = new PolledRig();
  await using transport = await open(rig);
  assertEquals([transport.kind, transport.target], ["polled", "virtual:"]);
  const registers = await transport.registers?.();
  assert(registers);
  assertEquals(registers.model, "memory");
  assertEquals(await registers.read(REGISTERS.CC.offset, 4), 0n);
  const version = BigInt(rig.bench.drive.personality.version);
  assertEquals(await registers.read(REGISTERS.VS.offset, 4), version);
  assertEquals((await registers.read(REGISTERS.CAP.offset, 8) ?? 0n) >> 32n !== 0n, true);
  assertEquals(rig.counts.configurations, []);
  using data = transport.allocate(4096);
  await transport.submit({ queue: "admin", opcode: OPCODE.identify, cdw10: 1, data });
  const status = Number(await registers.read(REGISTERS.CSTS.offset, 4));
  assertEquals(CSTS.parse(status).rdy, true);
  for (const [offset, width] of [[-4, 4], [2, 4], [1 << 20, 4], [1 << 30, 8]] as const) {
    assertEquals(await registers.read(offset, width), undefined);
  }
});

Deno.test("a transport that nothing was asked of leaves the controller alone", async () => {
  const rig = new PolledRig();
  {
    await using _transport = await open(rig);
  }
  assertEquals([rig.counts.configurations, rig.closed, rig.live.size], [[], 1, 0]);
});

Deno.test("the controller is shut down when the transport is disposed of, once", async () => {
  const rig = new PolledRig();
  const transport = await open(rig);
  using data = transport.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  // Two first commands bring it up once.
  await Promise.all([transport.submit(identify), transport.submit(identify)]);
  await Promise.all([transport[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
  assertEquals(rig.counts.configurations.map((cc) => [CC.parse(cc).en, CC.parse(cc).shn]), [
    [false, 0],
    [true, 0],
    [true, 1],
    [false, 0],
  ]);
  assertEquals(rig.closed, 1);
  await assertRejects(() => transport.submit(identify), UnreachableError, "it was closed");
});

Deno.test("a controller that did not come up is tried again by the next command", async () => {
  const rig = new PolledRig();
  await using transport = await open(rig);
  using data = transport.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  rig.gone = true;
  await assertRejects(() => transport.submit(identify), UnreachableError, "the device is gone");
  rig.gone = false;
  assertEquals((await transport.submit(identify)).status, 0);
});

Deno.test("a feed over the transport and a verb's question have their answers", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 100);
  await using drive = new Drive(await open(rig));
  const { transport } = drive;
  const feed = feedOf(Array.from({ length: 100 }, (_, cdw10) => ({
    queue: "io",
    opcode: OPCODE.read,
    nsid: 1,
    cdw10,
    cdw12: 0,
    data: transport.allocate(512),
  })));
  await carryOut(transport, feed);
  assertEquals(feed.completions.length, 100);
  assert(feed.completions.every(([{ data, cdw10 = 0 }]) => data?.bytes[0] === (cdw10 + 1) % 256));
  const { mn } = await identifyController(drive);
  assertEquals(mn, rig.bench.drive.personality.model);
});

Deno.test("what is asked over the polled driver has the same answer as when it is asked directly", async () => {
  const rig = new PolledRig();
  await using polled = await open(rig);
  const identify = [0x00, 0x01, 0x02, 0x03, 0x10, 0x1f, 0xee].map((cdw10) => ({
    opcode: OPCODE.identify,
    nsid: cdw10 === 0x01 || cdw10 === 0x1f ? 0 : 1,
    cdw10,
  }));
  // 512 bytes each of the error log, firmware slots, effects and self-tests; 64 KiB of telemetry.
  const logs = [0x01, 0x03, 0x05, 0x06, 0xfe].map((lid) => ({
    opcode: OPCODE.getLogPage,
    nsid: 0xffff_ffff,
    cdw10: 0x007f_0000 | lid,
  }));
  const telemetry = { opcode: OPCODE.getLogPage, nsid: 0xffff_ffff, cdw10: 0x3fff_0008 };
  const features = [0x01, 0x02, 0x04, 0x06, 0xee].map((cdw10) => ({ opcode: 0x0a, cdw10 }));
  for (const command of [...identify, ...logs, telemetry, ...features]) {
    const answers = [];
    for (const transport of [polled, rig.bench.transport]) {
      using data = transport.allocate(65_536);
      const { status, result } = await transport.submit({ queue: "admin", ...command, data });
      answers.push({ status, result, bytes: data.bytes.slice() });
    }
    assertEquals(answers[0], answers[1], JSON.stringify(command));
  }
});
