// Interrupts: messages, masks, pending bits, and the pin.

import { assertEquals } from "@std/assert";
import type { InterruptMessage } from "../../../../src/drive/face/register/msix.ts";
import { registerBacking, type VirtualBacking } from "../../../../src/drive/mod.ts";
import type { RegisterTap } from "../../../../src/drive/tap/verdict.ts";
import { REGISTERS } from "../../../../src/spec/registers.ts";
import { type HostQueue, RegisterDriver } from "../../../support/register_driver.ts";
import { Bench } from "../../bench.ts";

const MSIX_CONTROL = 0x52;
const ENABLED = 0x8000;
const MASKED = 0x4000;
const FLUSH = { opcode: 0x00, nsid: 1 };

interface Setup {
  readonly bench: Bench;
  readonly backing: VirtualBacking;
  readonly driver: RegisterDriver;
  readonly messages: InterruptMessage[];
  readonly pins: boolean[];
  /** Where the table and the pending bits are behind base address register 0. */
  readonly table: number;
  readonly pending: number;
}

function open(): Setup {
  const bench = new Bench();
  const messages: InterruptMessage[] = [];
  const pins: boolean[] = [];
  const backing = registerBacking(bench.drive, "virtual:", {
    onInterrupt: (message) => messages.push(message),
    onPin: (asserted) => pins.push(asserted),
  });
  const driver = RegisterDriver.open(backing);
  const table = backing.config.read(0x54, 4);
  const pending = backing.config.read(0x58, 4);
  return { bench, backing, driver, messages, pins, table, pending };
}

/** Gives a vector its message, and unmasks it. */
function arm({ backing, table }: Setup, vector: number): void {
  const at = table + 16 * vector;
  backing.bar0.write64(at, 0xfee0_0000n);
  backing.bar0.write32(at + 8, 0x40 + vector);
  backing.bar0.write32(at + 12, 0);
}

function flush(queue: HostQueue): void {
  queue.put(FLUSH);
  queue.ring();
}

Deno.test("a completion sends the message of its queue's vector", () => {
  const setup = open();
  setup.backing.config.write(MSIX_CONTROL, 2, ENABLED);
  for (const vector of [0, 3]) arm(setup, vector);
  const queue = setup.driver.createQueue(1, 8, { vector: 3, interrupts: true });
  const silent = setup.driver.createQueue(2, 8);
  setup.messages.length = 0;
  flush(queue);
  assertEquals(setup.messages, [{ vector: 3, address: 0xfee0_0000n, data: 0x43 }]);
  flush(silent);
  assertEquals(setup.messages.length, 1);
  setup.driver.admin.put({ opcode: 0x0a, cdw10: 7 });
  setup.driver.admin.ring();
  assertEquals(setup.messages.map(({ vector }) => vector), [3, 0]);
  assertEquals(setup.pins, []);
});

Deno.test("a masked vector is pending until it is unmasked", () => {
  const setup = open();
  const { backing, table, pending, messages } = setup;
  backing.config.write(MSIX_CONTROL, 2, ENABLED);
  const queue = setup.driver.createQueue(1, 8, { vector: 3, interrupts: true });
  messages.length = 0;
  flush(queue);
  assertEquals(messages, []);
  assertEquals(backing.bar0.read32(pending) & 0x8, 0x8);
  backing.bar0.write32(pending, 0);
  assertEquals(backing.bar0.read32(pending) & 0x8, 0x8);
  arm(setup, 3);
  assertEquals(messages.map(({ vector }) => vector), [3]);
  assertEquals(backing.bar0.read32(pending) & 0x8, 0);
  assertEquals(backing.bar0.read32(table + 16 * 3 + 12), 0);
});

Deno.test("the function mask holds every vector back", () => {
  const setup = open();
  const { backing, pending, messages } = setup;
  backing.config.write(MSIX_CONTROL, 2, ENABLED);
  for (const vector of [0, 3, 32]) arm(setup, vector);
  const queues = [3, 32].map((vector, at) =>
    setup.driver.createQueue(at + 1, 8, { vector, interrupts: true })
  );
  backing.config.write(MSIX_CONTROL, 2, ENABLED | MASKED);
  messages.length = 0;
  for (const queue of queues) flush(queue);
  for (const queue of queues) flush(queue);
  assertEquals(messages, []);
  assertEquals(backing.bar0.read64(pending), 0x1_0000_0008n);
  backing.config.write(MSIX_CONTROL, 2, ENABLED);
  // Once each: an interrupt says that there is something, not how much.
  assertEquals(messages.map(({ vector }) => vector), [3, 32]);
  assertEquals(backing.bar0.read64(pending), 0n);
});

Deno.test("after a reset of the function every vector is masked and MSI-X is off", () => {
  const setup = open();
  const { backing, table } = setup;
  backing.config.write(MSIX_CONTROL, 2, ENABLED);
  arm(setup, 3);
  // Initiate Function Level Reset.
  backing.config.write(0x68, 2, 0x8000);
  assertEquals(backing.config.read(MSIX_CONTROL, 2), 32);
  assertEquals(backing.config.read(0x04, 2), 0);
  backing.config.write(0x04, 2, 0x0006);
  assertEquals(backing.bar0.read32(table + 16 * 3 + 12), 1);
  assertEquals(backing.bar0.read32(table + 16 * 3 + 8), 0);
});

Deno.test("without MSI-X the pin is asserted while there are completions to read", () => {
  const { driver, backing, pins, messages } = open();
  const queue = driver.createQueue(1, 8, { interrupts: true });
  pins.length = 0;
  const status = (): number => backing.config.read(0x06, 2) & 0x8;
  assertEquals(status(), 0);
  flush(queue);
  assertEquals([pins, status()], [[true], 0x8]);
  queue.poll();
  assertEquals([pins, status()], [[true, false], 0]);
  // Masked, and switched off for the function.
  backing.bar0.write32(REGISTERS.INTMS.offset, 1);
  flush(queue);
  assertEquals(status(), 0);
  assertEquals(backing.bar0.read32(REGISTERS.INTMC.offset), 1);
  backing.bar0.write32(REGISTERS.INTMC.offset, 1);
  assertEquals(status(), 0x8);
  backing.config.write(0x04, 2, 0x0406);
  assertEquals(status(), 0);
  assertEquals(messages, []);
});

Deno.test("plug-ins see and change what goes over the table, and lose messages", () => {
  const setup = open();
  const { backing, table, messages, bench } = setup;
  backing.config.write(MSIX_CONTROL, 2, ENABLED);
  const seen: string[] = [];
  for (const name of ["nvme:msixread:writeback", "nvme:msixwrite:decode"] as const) {
    bench.drive.taps.attach(name, (context) => {
      const { access, offset } = context as RegisterTap;
      seen.push(`${access} ${offset}`);
      return access === "read" ? { kind: "mutate", value: 0x77n } : undefined;
    });
  }
  arm(setup, 3);
  assertEquals(seen, ["write 48", "write 52", "write 56", "write 60"]);
  assertEquals(backing.bar0.read32(table + 56), 0x77);
  const queue = setup.driver.createQueue(1, 8, { vector: 3, interrupts: true });
  messages.length = 0;
  const detach = bench.drive.taps.attach("pci:msix:writeback", () => ({ kind: "drop" }));
  flush(queue);
  assertEquals(messages, []);
  detach();
  bench.drive.taps.attach("pci:msix:writeback", () => ({ kind: "mutate", value: 9n }));
  flush(queue);
  assertEquals(messages.map(({ data }) => data), [9]);
});

Deno.test("a host that acts on an interrupt at once does not confuse the drive", () => {
  const bench = new Bench();
  const host: { queue?: HostQueue } = {};
  let completed = 0;
  let left = 1000;
  const backing = registerBacking(bench.drive, "virtual:", {
    onInterrupt() {
      if (!host.queue) return;
      completed += host.queue.poll().length;
      if (left-- > 0) flush(host.queue);
    },
  });
  const driver = RegisterDriver.open(backing);
  backing.config.write(MSIX_CONTROL, 2, ENABLED);
  backing.bar0.write32(backing.config.read(0x54, 4) + 16 + 12, 0);
  host.queue = driver.createQueue(1, 4, { vector: 1, interrupts: true });
  flush(host.queue);
  assertEquals([completed, left], [1001, -1]);
});
