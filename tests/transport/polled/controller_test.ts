// Queues and limits that a drive refuses, and memory that there is not: what is said, and that
// nothing is left behind.

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { NvmectlError, StatusError, UnreachableError } from "../../../src/errors.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { REGISTERS } from "../../../src/spec/registers.ts";
import { PolledDriver } from "../../../src/transport/polled/driver.ts";
import { OPCODE, PolledRig, readCommand } from "../../support/polled.ts";

const SUCCESS = { status: 0, result: 0n };
const QUEUE = { numbers: 0x09, createCompletion: 0x05, createSubmission: 0x01 } as const;

for (
  const [opcode, purpose, after] of [
    [OPCODE.identify, "read the limits", []],
    [QUEUE.numbers, "ask for I/O queues", []],
    [QUEUE.createCompletion, "create the I/O completion queue", []],
    [QUEUE.createSubmission, "create the I/O submission queue", ["admin 04"]],
  ] as const
) {
  Deno.test(`where a drive does not let us ${purpose}, it is named, and tried again`, async () => {
    const rig = new PolledRig();
    const driver = await rig.open();
    const before = rig.live.size;
    rig.fault("nvme:admin:decode", opcode, { kind: "claim", status: 0x0002 });
    {
      const command = readCommand(driver, 0);
      using _data = command.data;
      const error = await assertRejects(() => driver.submit(command), StatusError);
      assertEquals(
        error.message,
        `Cannot ${purpose} of virtual:: the drive answered Invalid Field in Command (00h/02h)`,
      );
    }
    const failed = `admin ${opcode.toString(16).padStart(2, "0")}`;
    assertEquals(rig.commands.slice(rig.commands.indexOf(failed) + 1), [...after]);
    assertEquals(rig.live.size, before);
    const command = readCommand(driver, 0);
    assertEquals(await driver.submit(command), SUCCESS);
    command.data[Symbol.dispose]();
    await driver.close();
    assertEquals(rig.live.size, 0);
  });
}

Deno.test("where memory for I/O queues is lacking, it is said, and none is kept", async () => {
  const rig = new PolledRig();
  const { clock } = rig;
  let left = Infinity;
  const dma = {
    allocate(bytes: number) {
      if (left-- <= 0) throw new UnreachableError("Cannot allocate memory: none is left");
      return rig.backing.dma.allocate(bytes);
    },
  };
  const driver = await PolledDriver.open({ ...rig.backing, dma }, { clock, hostPageBytes: 4096 });
  const command = readCommand(driver, 0);
  // Identify, the first queue behind it; then, with the limits known, both queues and the lists.
  for (const room of [0, 1, 0, 1, 2]) {
    left = room;
    const before = rig.live.size;
    await assertRejects(() => driver.submit(command), UnreachableError, "none is left");
    assertEquals(rig.live.size, before);
  }
  assertEquals(rig.commands.filter((name) => name === "admin 05"), []);
  left = Infinity;
  assertEquals(await driver.submit(command), SUCCESS);
  command.data[Symbol.dispose]();
  await driver.close();
  assertEquals(rig.live.size, 0);
});

Deno.test("where memory is lacking while a controller is opened, it is left disabled", async () => {
  for (let room = 0; room < 3; room++) {
    const rig = new PolledRig();
    let left = room;
    const dma = {
      allocate(bytes: number) {
        if (left-- <= 0) throw new UnreachableError("Cannot allocate memory: none is left");
        return rig.backing.dma.allocate(bytes);
      },
    };
    const opening = PolledDriver.open({ ...rig.backing, dma }, {
      clock: rig.clock,
      hostPageBytes: 4096,
    });
    await assertRejects(() => opening, UnreachableError, "none is left");
    assertEquals(rig.live.size, 0);
    assertEquals((rig.counts.configurations.at(-1) ?? 0) & 1, 0);
    assertEquals(rig.backing.config.read(4, 2) & 4, 0, "no bus master");
  }
});

for (
  const [name, opcode] of [
    ["Set Features", 0x09],
    ["Create I/O Completion Queue", 0x05],
    ["Create I/O Submission Queue", 0x01],
  ] as const
) {
  Deno.test(`a reset while queues are created leaves none whose memory is free: ${name} answered twice`, async () => {
    const rig = new PolledRig();
    const driver = await rig.open();
    rig.fault("nvme:admin:writeback", opcode, { kind: "mutate", completion: { copies: 2 } });
    {
      using data = driver.allocate(512);
      const read = { queue: "io", opcode: OPCODE.read, nsid: 1, direction: "in", data } as const;
      // Whether this one is answered depends on when the copy is seen.
      await driver.submit(read).catch((error) => assertInstanceOf(error, NvmectlError));
      await driver.reset("controller");
      assertEquals((await driver.submit(read)).status, 0);
      await driver.reset("controller");
    }
    await driver.close();
    assertEquals([rig.closed, rig.live.size], [1, 0]);
  });
}

// Bits of CAP [BASE-2.1 §3.1.4.1, Fig. 36]: MPSMIN and MPSMAX at 48 and 52, DSTRD at 32.
for (const [what, bits] of [["pages", 1n << 48n | 1n << 52n], ["doorbells", 2n << 32n]] as const) {
  Deno.test(`a controller that has other ${what} after a reset is not gone on with`, async () => {
    const rig = new PolledRig();
    const driver = await rig.open();
    rig.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
      const { offset, value } = context as RegisterTap;
      if (offset !== REGISTERS.CAP.offset + 4) return undefined;
      return { kind: "mutate", value: value | bits >> 32n };
    });
    await assertRejects(
      () => driver.reset("controller"),
      UnreachableError,
      "since its reset it has other pages or doorbells",
    );
    await driver.close();
    assertEquals([rig.closed, rig.live.size], [1, 0]);
  });
}
