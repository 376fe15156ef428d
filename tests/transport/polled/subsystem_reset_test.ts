// Resets that the user asks for, of the controller and of the NVM subsystem.

import { assertEquals, assertRejects } from "@std/assert";
import { UnsupportedError } from "../../../src/errors.ts";
import { REGISTERS } from "../../../src/spec/registers.ts";
import { OPCODE, PolledRig } from "../../support/polled.ts";

const IDENTIFY = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, direction: "in" } as const;

Deno.test("a reset of the controller leaves a drive that answers, its I/O queues made anew", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  using data = driver.allocate(4096);
  const read = { queue: "io", opcode: OPCODE.read, nsid: 1, direction: "in", data } as const;
  assertEquals((await driver.submit(read)).status, 0);
  await driver.reset("controller");
  assertEquals((await driver.submit({ ...IDENTIFY, data })).status, 0);
  assertEquals((await driver.submit(read)).status, 0);
  assertEquals(rig.resets, 0, "the function itself was left alone");
  await driver.close();
});

Deno.test("a reset of the NVM subsystem is written to NSSR, and the drive answers afterwards", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  const events: unknown[] = [];
  rig.bench.drive.taps.attach(
    "nvme:reset:event",
    ((tap: { details: { kind: string } }) => {
      events.push(tap.details.kind);
    }) as never,
  );
  await driver.reset("subsystem");
  assertEquals(events[0], "subsystem");
  using data = driver.allocate(4096);
  assertEquals((await driver.submit({ ...IDENTIFY, data })).status, 0);
  await driver.close();
});

Deno.test("a drive without an NVM Subsystem Reset is told apart before anything is written", async () => {
  const rig = new PolledRig();
  const { bar0 } = rig.backing;
  const backing = {
    ...rig.backing,
    bar0: {
      ...bar0,
      read32: (offset: number) =>
        // CAP.NSSRS is bit 36.
        offset === REGISTERS.CAP.offset + 4 ? bar0.read32(offset) & ~0x10 : bar0.read32(offset),
    },
  };
  const { PolledDriver } = await import("../../../src/transport/polled/driver.ts");
  const driver = await PolledDriver.open(backing, { clock: rig.clock, hostPageBytes: 4096 });
  await assertRejects(() => driver.reset("subsystem"), UnsupportedError, "CAP.NSSRS");
  await driver.close();
});

Deno.test("what is submitted during a reset waits for its end, what was under way ends before", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  using first = driver.allocate(4096);
  using second = driver.allocate(4096);
  const before = driver.submit({ ...IDENTIFY, data: first });
  const reset = driver.reset("controller");
  const after = driver.submit({ ...IDENTIFY, data: second });
  const [one, , two] = await Promise.all([before, reset, after]);
  assertEquals([one.status, two.status], [0, 0]);
  await driver.close();
});
