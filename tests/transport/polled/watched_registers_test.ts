// The trace of our own driver: what it says the queues and registers held is what the drive saw.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { traceDrive } from "../../../src/drive/trace.ts";
import { DeadlineError } from "../../../src/errors.ts";
import { AQA, CC, REGISTERS } from "../../../src/spec/registers.ts";
import { textSink } from "../../../src/trace/text.ts";
import { tracing } from "../../../src/trace/trace.ts";
import { openPolled } from "../../../src/transport/polled/mod.ts";
import { watchedRegisters } from "../../../src/transport/polled/watched_registers.ts";
import { carryOut, type Transport, wrap } from "../../../src/transport/transport.ts";
import { feedOf, OPCODE, PolledRig, writeBlocks } from "../../support/polled.ts";
import { scriptedDevice } from "./rig.ts";

Deno.test("watchedRegisters() passes every access on, and tells of those that say something new", () => {
  const device = scriptedDevice();
  const heard: string[] = [];
  const registers = watchedRegisters(device.bar0, ({ access, offset, width, value }) => {
    heard.push(`${access} ${offset} ${width} ${value}`);
  });
  assertEquals(registers.length, device.bar0.length);
  for (const value of [0, 0, 1, 1]) {
    device.registers.set(REGISTERS.CSTS.offset, value);
    assertEquals(registers.read32(REGISTERS.CSTS.offset), value);
  }
  registers.write32(REGISTERS.CC.offset, 7);
  registers.write32(REGISTERS.CC.offset, 7);
  registers.read32(REGISTERS.CSTS.offset);
  assertEquals(heard, [
    "read 28 4 0",
    "read 28 4 1",
    "write 20 4 7",
    "write 20 4 7",
    "read 28 4 1",
  ]);
  assertEquals(device.accesses.length, 7);
});

interface Traced extends AsyncDisposable {
  readonly transport: Transport;
  /** What the driver's trace says, without times. */
  readonly host: string[];
  /** What the drive's own trace says. */
  readonly drive: string[];
}

async function traced(rig: PolledRig): Promise<Traced> {
  const failed = (error: unknown): void => {
    throw error;
  };
  const [host, drive]: [string[], string[]] = [[], []];
  const sink = (lines: string[]) =>
    textSink((line) => lines.push(line.replace(/^.*?virtual: /, "")));
  const stop = traceDrive(rig.bench.drive, sink(drive), { clock: () => 0n, failed });
  const { backing, clock } = rig;
  const polled = await openPolled({ backing, clock, hostPageBytes: 4096 });
  const layer = tracing(sink(host), { device: "virtual:", clock: () => 0n, failed });
  const transport = wrap(polled, layer);
  return {
    transport,
    host,
    drive,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      stop();
    },
  };
}

/** Commands and completions, without remarks and in the order of the queues that they are of. */
function exchanges(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !/^(REG|ERR)/.test(line))
    .map((line) => line.replace(/ \((by the driver|unnamed@)[^()]*\)$/, "")).toSorted();
}

/** What was written to registers below the doorbells. */
function writes(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /^REG 0[0-9a-f]{3} <-/.test(line))
    .map((line) => line.replace(/ \([^()]*\)$/, ""));
}

const BLOCKS = 200;

Deno.test("the trace of our own driver is the drive's own, from bring-up to shutdown", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, BLOCKS);
  const trace = await traced(rig);
  const { transport } = trace;
  {
    await using _closing = trace;
    using page = transport.allocate(4096);
    using blocks = transport.allocate(32 * 512);
    const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data: page } as const;
    assertEquals((await transport.submit(identify)).status, 0);
    // An opcode that there is not: a completion with a status.
    await transport.submit({ ...identify, cdw10: 0xee });
    const read = { queue: "io", opcode: OPCODE.read, nsid: 1, cdw12: 31, data: blocks } as const;
    assertEquals((await transport.submit(read)).status, 0);
    // More than once around the queues: the phase tag turns.
    const feed = feedOf(Array.from({ length: BLOCKS }, (_, cdw10) => ({
      ...read,
      cdw10,
      cdw12: 0,
      data: transport.allocate(512),
    })));
    await carryOut(transport, feed);
    assertEquals(feed.completions.length, BLOCKS);
  }
  assertEquals(exchanges(trace.host), exchanges(trace.drive));
  assertEquals(writes(trace.host), writes(trace.drive));
  assert(trace.host.some((line) => / P=0 /.test(line)));
});

Deno.test("the trace shows the controller brought up before the first command goes", async () => {
  const trace = await traced(new PolledRig());
  await using _closing = trace;
  const { host, transport } = trace;
  using data = transport.allocate(4096);
  await transport.submit({ queue: "admin", opcode: OPCODE.identify, cdw10: 1, data });
  const first = host.findIndex((line) => line.startsWith("ADM"));
  const enabled = host.findLastIndex((line) => line.startsWith("REG 0014 <-"));
  assert(enabled >= 0 && enabled < first, host.join("\n"));
  assert(CC.parse(parseInt(host[enabled]?.split("<- ")[1] ?? "", 16)).en);
  assert(
    host.slice(0, first).some((line) => /^REG 002c <- [0-9a-f]{8} \(ASQ, upper half\)$/.test(line)),
  );
  const queues = AQA.compose({ asqs: 31, acqs: 31 }).toString(16).padStart(8, "0");
  assert(host.slice(0, first).includes(`REG 0024 <- ${queues} (AQA)`), host.join("\n"));
});

Deno.test("what the driver sends by itself bears a remark, what it was asked for does not", async () => {
  const trace = await traced(new PolledRig());
  await using _closing = trace;
  const { host, transport } = trace;
  using data = transport.allocate(512);
  await transport.submit({ queue: "io", opcode: OPCODE.read, nsid: 1, data });
  const own = host.filter((line) => line.endsWith("(by the driver itself)"));
  assert(own.some((line) => line.includes("OPC=Create I/O Submission Queue")), host.join("\n"));
  assertEquals(host.filter((line) => line.startsWith("IO ")).length, 1);
  assert(!own.some((line) => line.startsWith("IO ")));
});

Deno.test("waiting for a controller is two lines of the trace, however long it takes", async () => {
  const rig = new PolledRig({ drive: { readyMs: 2000 } });
  const trace = await traced(rig);
  await using _closing = trace;
  const { host, transport } = trace;
  using data = transport.allocate(4096);
  await transport.submit({ queue: "admin", opcode: OPCODE.identify, cdw10: 1, data });
  assert((rig.counts.reads.get(REGISTERS.CSTS.offset) ?? 0) > 50);
  const enabled = host.findLastIndex((line) => line.startsWith("REG 0014 <-"));
  const waited = host.slice(enabled + 1).filter((line) => line.startsWith("REG 001c ->"));
  assertEquals(waited, ["REG 001c -> 00000000 (CSTS)", "REG 001c -> 00000001 (CSTS)"]);
});

Deno.test("an Abort names a command of the trace, and the end of both is there", async () => {
  const rig = new PolledRig();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  const trace = await traced(rig);
  await using _closing = trace;
  const { host, transport } = trace;
  using data = transport.allocate(512);
  const read = { queue: "io", opcode: OPCODE.read, nsid: 1, data } as const;
  await assertRejects(() => transport.submit(read), DeadlineError);
  const late = host.find((line) => line.startsWith("IO "));
  const cid = / CID=([0-9a-f]{4}) /.exec(late ?? "")?.[1];
  const aborting = host.find((line) => line.includes("OPC=Abort"));
  assert(aborting?.includes(` CDW10=${cid}0001 `), aborting);
  assert(
    host.includes(`CPL SQ=1 CID=${cid} P=1 STS=0x0007 CDW0=0 Command Abort Requested (00h/07h)`),
  );
  assertEquals(exchanges(host), exchanges(trace.drive));
});

Deno.test("a command that is lost in a reset ends in the trace, with the reason", async () => {
  const rig = new PolledRig();
  rig.fault("nvme:admin:writeback", OPCODE.identify, { kind: "drop" });
  const trace = await traced(rig);
  await using _closing = trace;
  const { host, transport } = trace;
  using data = transport.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  await assertRejects(() => transport.submit(identify), DeadlineError);
  const lost = host.filter((line) => line.startsWith("ERR"));
  assertEquals(lost.length, 1);
  assert(lost[0]?.includes("a controller reset ended them"), lost[0]);
});
