// Telemetry: pieces, generations, events and data area 4.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describeFailure } from "../../src/cli/failure.ts";
import { Drive } from "../../src/controller/drive.ts";
import {
  captureTelemetry,
  type TelemetryRequest,
  type TelemetrySink,
} from "../../src/controller/telemetry.ts";
import {
  captureForHost,
  captureTelemetry as captureByController,
} from "../../src/drive/model/telemetry.ts";
import { directTransport, preset, VirtualDrive } from "../../src/drive/mod.ts";
import {
  AssertionFailure,
  InterruptedError,
  OutputError,
  StatusError,
  UnreachableError,
  UnsupportedError,
} from "../../src/errors.ts";
import type { Command, Transport } from "../../src/transport/transport.ts";
import { virtualDrive } from "../support/context.ts";

const AREA_4 = { kind: "host", area: 4, create: true } as const;

/** A sink that keeps what is written, as a file would. */
class Memory implements TelemetrySink {
  bytes = new Uint8Array(0);
  resized: number[] = [];

  resize(length: number): Promise<void> {
    this.resized.push(length);
    this.bytes = new Uint8Array(length);
    return Promise.resolve();
  }

  writeAt(position: number, bytes: Uint8Array): Promise<void> {
    this.bytes.set(bytes, position);
    return Promise.resolve();
  }
}

/** A virtual drive whose commands are written down, and answered by `meddle` where it wants to. */
function bench(
  meddle: (command: Command, log: readonly Command[]) => number | Error | void = () => {},
) {
  const healthy = preset("");
  assert(healthy);
  const drive = new VirtualDrive({
    personality: { ...healthy, telemetryDumpBytes: 600_000 },
    now: () => 0,
    seed: 1,
  });
  const transport = directTransport(drive, "virtual:");
  const log: Command[] = [];
  const watched: Transport = {
    ...transport,
    submit(command) {
      log.push({ ...command });
      const answer = meddle(command, log);
      if (answer instanceof Error) return Promise.reject(answer);
      if (typeof answer === "number") return Promise.resolve({ status: answer, result: 0n });
      return transport.submit(command);
    },
  };
  return { drive: new Drive(watched), virtual: drive, log };
}

const isLog = ({ opcode }: Command): boolean => opcode === 0x02;
const rae = ({ cdw10 = 0 }: Command): boolean => (cdw10 & 0x8000) !== 0;
const lsp = ({ cdw10 = 0 }: Command): number => (cdw10 >>> 8) & 0x7f;
const offset = ({ cdw12 = 0 }: Command): number => cdw12;

Deno.test("a new host capture is created once, read from its beginning and retained throughout", async () => {
  const { drive, log } = bench();
  const sink = new Memory();
  const capture = await captureTelemetry(drive, sink, { kind: "host", area: 3, create: true });
  assertEquals(sink.bytes.length, capture.bytes);
  assertEquals(sink.bytes.subarray(0, 512), capture.header);
  const asked = log.filter(isLog);
  assertEquals(asked.map(lsp).filter((value) => value !== 0), [1], "created by one command");
  assertEquals(lsp(asked[0] as Command), 1);
  assertEquals(asked.map(({ slow = false }) => slow).indexOf(true), 0, "which may take long");
  assertEquals(asked.filter(({ slow }) => slow).length, 1);
  assert(asked.every(rae));
  assertEquals(offset(asked[1] as Command), 0, "the header is read again with the data");
});

Deno.test("pieces are as large as the drive takes, and together they are the page", async () => {
  const { drive, log } = bench();
  const sink = new Memory();
  const capture = await captureTelemetry(drive, sink, { ...AREA_4 });
  const pieces = log.filter(isLog).slice(1, -1);
  const lengths = pieces.map(({ data }) => data?.bytes.length ?? 0);
  assertEquals(lengths.slice(0, -1).every((length) => length === capture.chunk), true);
  assertEquals(lengths.reduce((sum, length) => sum + length, 0), capture.bytes);
  // One piece at a time gives the same bytes.
  const small = new Memory();
  const again = bench(({ opcode, data }) =>
    opcode === 0x02 && (data?.bytes.length ?? 0) > 4096 ? 0x02 : undefined
  );
  const slow = await captureTelemetry(again.drive, small, { ...AREA_4 });
  assertEquals(slow.chunk, 4096);
  assertEquals(small.bytes.length, sink.bytes.length);
});

Deno.test("pieces halve where the kernel refuses them, and other refusals end the capture", async () => {
  const einval = new UnreachableError("Cannot send: EINVAL", { code: "EINVAL" });
  const kernel = bench(({ opcode, data }) =>
    opcode === 0x02 && (data?.bytes.length ?? 0) > 16384 ? einval : undefined
  );
  const { chunk } = await captureTelemetry(kernel.drive, new Memory(), { ...AREA_4 });
  assertEquals(chunk, 16384);
  const internal = bench((command) => isLog(command) && offset(command) > 0 ? 0x06 : undefined);
  await assertRejects(
    () => captureTelemetry(internal.drive, new Memory(), { ...AREA_4 }),
    StatusError,
    "Internal Error",
  );
});

Deno.test("a capture that moves while it is read is read again", async () => {
  let moved = false;
  const { drive, virtual } = bench((_command, log) => {
    if (moved || log.filter(isLog).length !== 3) return;
    moved = true;
    captureForHost(virtual.first, 0);
  });
  const sink = new Memory();
  const capture = await captureTelemetry(drive, sink, { kind: "host", area: 3, create: true });
  assertEquals(capture.attempts, 2);
  assertEquals(sink.resized.length, 2);
  assertEquals(sink.bytes.subarray(0, 512), capture.header);
});

Deno.test("a capture that moves every time is an error, not a mixture", async () => {
  const { drive, virtual } = bench((command) => {
    if (isLog(command) && offset(command) > 0) {
      captureForHost(virtual.first, 0);
    }
  });
  const error = await assertRejects(
    () => captureTelemetry(drive, new Memory(), { ...AREA_4 }),
    UnreachableError,
  );
  assertStringIncludes(error.message, "it captured anew each of the 3 times");
});

Deno.test("data area 4 is enabled for as long as it takes, and restored also after an error", async () => {
  const features = (log: readonly Command[]): (number | undefined)[] =>
    log.filter(({ opcode }) => opcode === 0x09).map(({ data }) => data?.bytes[1]);
  const good = bench();
  await captureTelemetry(good.drive, new Memory(), { ...AREA_4 });
  assertEquals(features(good.log).length, 2);
  assertEquals(good.virtual.first.controller.hostBehavior["etdas"], 0);
  const failing = bench((command) => isLog(command) && offset(command) > 0 ? 0x06 : undefined);
  await assertRejects(
    () => captureTelemetry(failing.drive, new Memory(), { ...AREA_4 }),
    StatusError,
  );
  assertEquals(failing.virtual.first.controller.hostBehavior["etdas"], 0);
  const lower = bench();
  await captureTelemetry(lower.drive, new Memory(), { kind: "host", area: 3, create: true });
  assertEquals(features(lower.log), [], "not touched for lower areas");
});

Deno.test("a whole capture outlives that data area 4 cannot be disabled, and says why", async () => {
  const lost = new UnreachableError("Cannot reach it", { code: "ENODEV" });
  for (const failure of [0x4002, lost] as const) {
    let sets = 0;
    const { drive } = bench(({ opcode }) => opcode === 0x09 && ++sets === 2 ? failure : undefined);
    const sink = new Memory();
    const { bytes, header, notRestored } = await captureTelemetry(drive, sink, { ...AREA_4 });
    assertEquals([sink.bytes.length, sink.bytes.subarray(0, 512)], [bytes, header]);
    assertEquals(sets, 2, "tried once");
    assertEquals(notRestored?.exitCode, failure === lost ? 4 : 3);
  }
  const { drive } = bench();
  assertEquals((await captureTelemetry(drive, new Memory(), { ...AREA_4 })).notRestored, undefined);
});

Deno.test("a failure of the program itself is not taken for one of restoring", async () => {
  let sets = 0;
  const fault = new AssertionFailure("never");
  const { drive } = bench(({ opcode }) => opcode === 0x09 && ++sets === 2 ? fault : undefined);
  await assertRejects(
    () => captureTelemetry(drive, new Memory(), { ...AREA_4 }),
    AssertionFailure,
  );
});

Deno.test("a capture that fails is told by its own failure, also where restoring fails too", async () => {
  let sets = 0;
  const { drive } = bench((command) => {
    if (command.opcode === 0x09) return ++sets === 2 ? 0x4002 : undefined;
    return isLog(command) && offset(command) > 0 ? 0x06 : undefined;
  });
  const error = await assertRejects(
    () => captureTelemetry(drive, new Memory(), { ...AREA_4 }),
    Error,
  );
  const { text, exit } = describeFailure(error);
  assertStringIncludes(text, "Internal Error");
  assertEquals([sets, exit], [2, 3]);
});

Deno.test("a full disk ends the capture and restores what was enabled", async () => {
  const { drive, virtual } = bench();
  const full: TelemetrySink = {
    resize: () => Promise.resolve(),
    writeAt: () => Promise.reject(new OutputError("Cannot write it: no space left on device")),
  };
  await assertRejects(() => captureTelemetry(drive, full, { ...AREA_4 }), OutputError);
  assertEquals(virtual.first.controller.hostBehavior["etdas"], 0);
});

Deno.test("the controller's own capture is let go of at the end, and kept when told", async () => {
  const request = { kind: "controller", area: 3 } as const satisfies TelemetryRequest;
  const last = async (retain: boolean): Promise<boolean> => {
    const { drive, log, virtual } = bench();
    captureByController(virtual.first, "panic");
    await captureTelemetry(drive, new Memory(), { ...request, retain });
    assert(log.filter(isLog).slice(0, -1).every(rae));
    return rae(log.filter(isLog).at(-1) as Command);
  };
  assertEquals(await last(false), false);
  assertEquals(await last(true), true);
});

Deno.test("the controller's own capture is not let go of before it is kept", async () => {
  const { drive, log, virtual } = bench();
  captureByController(virtual.first, "panic");
  const full = Object.assign(new Memory(), {
    sync: () => Promise.reject(new OutputError("Cannot write it: no space left on device")),
  });
  await assertRejects(
    () => captureTelemetry(drive, full, { kind: "controller", area: 3 }),
    OutputError,
  );
  assert(log.filter(isLog).every(rae));
  const { bytes } = await captureTelemetry(drive, new Memory(), { kind: "controller", area: 3 });
  assertEquals(bytes, full.bytes.length, "the drive still has it");
});

Deno.test("a controller without a capture of its own says so", async () => {
  const { drive } = bench();
  await assertRejects(
    () => captureTelemetry(drive, new Memory(), { kind: "controller", area: 3 }),
    UnsupportedError,
    "its controller has captured none",
  );
});

Deno.test("an interrupted capture says how far it came, and restores what was enabled", async () => {
  const interrupts = new AbortController();
  const { drive, virtual } = bench();
  const error = await assertRejects(
    () =>
      captureTelemetry(drive, new Memory(), {
        ...AREA_4,
        signal: interrupts.signal,
        progress: () => interrupts.abort(new InterruptedError("Interrupted by SIGINT", 130)),
      }),
    InterruptedError,
  );
  assertStringIncludes(error.message, "Stopped after");
  assertEquals(virtual.first.controller.hostBehavior["etdas"], 0, "restored");
});

Deno.test("a drive without telemetry, or without area 4, is told apart", async () => {
  const old = virtualDrive("old");
  await assertRejects(
    () => captureTelemetry(new Drive(old.transport), new Memory(), { kind: "host", area: 1 }),
    UnsupportedError,
  );
});
