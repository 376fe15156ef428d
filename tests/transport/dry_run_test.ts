// What a dry run really sends, and what it only writes down.

import { assertEquals } from "@std/assert";
import { dryRun } from "../../src/transport/dry_run.ts";
import { type Command, wrap } from "../../src/transport/transport.ts";
import { scriptedTransport } from "../support/scripted.ts";

const LOG = { queue: "admin", opcode: 0x02 } as const;

/** Commands that only read what the drive says of itself. */
const SENT: Readonly<Record<string, Command>> = {
  "Identify": { queue: "admin", opcode: 0x06, cdw10: 0x01 },
  "Get Features": { queue: "admin", opcode: 0x0a, cdw10: 0x02 },
  "the SMART log": { ...LOG, cdw10: 0x007f0002 },
  "the error log, its event retained": { ...LOG, cdw10: 0x007f8001 },
  "telemetry that exists": { ...LOG, cdw10: 0x007f0007 },
  "telemetry of the controller's making": { ...LOG, cdw10: 0x007f0008 },
};

/** Commands that change something, or might. */
const RECORDED: Readonly<Record<string, Command>> = {
  "Format NVM": { queue: "admin", opcode: 0x80, nsid: 1, cdw10: 0x200 },
  "Device Self-test": { queue: "admin", opcode: 0x14, cdw10: 1 },
  "Set Features": { queue: "admin", opcode: 0x09 },
  "Firmware Commit": { queue: "admin", opcode: 0x10 },
  "Sanitize": { queue: "admin", opcode: 0x84 },
  "Security Receive": { queue: "admin", opcode: 0x82 },
  "a vendor's command": { queue: "admin", opcode: 0xc6 },
  "telemetry that would be created": { ...LOG, cdw10: 0x007f0107 },
  "an event log context that would be established": { ...LOG, cdw10: 0x007f010d },
  "an event log context that would be released": { ...LOG, cdw10: 0x007f020d },
  "a measurement that would be started": { ...LOG, cdw10: 0x007f0119 },
  "Identify without memory for its answer": { queue: "admin", opcode: 0x06, cdw10: 0x01 },
  "Write": { queue: "io", opcode: 0x01, nsid: 1 },
  "Read": { queue: "io", opcode: 0x02, nsid: 1 },
  "an I/O command with the opcode of Identify": { queue: "io", opcode: 0x06, nsid: 1 },
  "an I/O command with the opcode of Get Features": { queue: "io", opcode: 0x0a, nsid: 1 },
};

for (const [name, command] of Object.entries(SENT)) {
  Deno.test(`a dry run really reads ${name}`, async () => {
    const recording = dryRun();
    const inner = scriptedTransport([{ expect: {}, result: 7n }]);
    using data = inner.allocate(512);
    const { result } = await wrap(inner, recording.layer).submit({ ...command, data });
    assertEquals(result, 7n);
    // Reading a log page would clear its event; a dry run must not.
    if (command.opcode === 0x02) assertEquals(((inner.commands[0]?.cdw10 ?? 0) >>> 15) & 1, 1);
    assertEquals(recording.commands.map(({ sent }) => sent), [true]);
  });
}

for (const [name, command] of Object.entries(RECORDED)) {
  Deno.test(`a dry run does not send ${name}, and answers success`, async () => {
    const recording = dryRun();
    const inner = scriptedTransport([]);
    const completion = await wrap(inner, recording.layer).submit(command);
    assertEquals(completion, { status: 0, result: 0n });
    assertEquals(inner.commands.length, 0);
    assertEquals(recording.commands, [{ command, sent: false, dataLength: 0, metadataLength: 0 }]);
  });
}

Deno.test("commands are recorded in their order, with the lengths of their data", async () => {
  const recording = dryRun();
  const transport = wrap(scriptedTransport([{ expect: {} }]), recording.layer);
  using data = transport.allocate(4096);
  using metadata = transport.allocate(64);
  await transport.submit({ queue: "admin", opcode: 0x06, direction: "in", data });
  await transport.submit({ queue: "io", opcode: 0x01, direction: "out", data, metadata });
  assertEquals(
    recording.commands.map(({ command, sent, dataLength, metadataLength }) => [
      command.opcode,
      sent,
      dataLength,
      metadataLength,
    ]),
    [[0x06, true, 4096, 0], [0x01, false, 4096, 64]],
  );
});

Deno.test("a dry run does not make the kernel look at the drive again", async () => {
  const log: string[] = [];
  const inner = { ...scriptedTransport([]), rescan: () => void log.push("rescan") };
  await wrap(inner, dryRun().layer).rescan?.();
  assertEquals(log, []);
});

Deno.test("a dry run writes a reset down, and where it would have come", async () => {
  const log: string[] = [];
  const inner = {
    ...scriptedTransport([]),
    reset: (kind: string) => Promise.resolve(void log.push(kind)),
  };
  const recording = dryRun();
  const transport = wrap(inner, recording.layer);
  await transport.submit({ queue: "admin", opcode: 0x10 });
  await transport.reset?.("controller");
  assertEquals(log, []);
  assertEquals(recording.resets, [{ reset: "controller", after: 1 }]);
});
