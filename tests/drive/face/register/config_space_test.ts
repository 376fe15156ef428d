// The configuration space: what a host finds, and what it can change.

import { assert, assertEquals } from "@std/assert";
import { registerBacking, type VirtualBacking } from "../../../../src/drive/mod.ts";
import type { RegisterTap } from "../../../../src/drive/tap/verdict.ts";
import { REGISTERS } from "../../../../src/spec/registers.ts";
import { Bench, personality } from "../../bench.ts";

function open(): { readonly bench: Bench; readonly backing: VirtualBacking } {
  const bench = new Bench({ ...personality(""), deviceId: 0x1234 });
  return { bench, backing: registerBacking(bench.drive, "virtual:") };
}

/** Capability identifiers and where they are, in the order of the chain. */
function capabilities({ config }: VirtualBacking): readonly (readonly number[])[] {
  assert((config.read(0x06, 2) & 0x10) !== 0);
  const found: number[][] = [];
  for (let at = config.read(0x34, 1); at !== 0; at = config.read(at + 1, 1)) {
    found.push([config.read(at, 1), at]);
    assert(found.length < 16);
  }
  return found;
}

Deno.test("the function is an NVMe controller with three capabilities", () => {
  const { backing } = open();
  const { config } = backing;
  assertEquals(config.read(0, 4), 0x1234_4e56);
  assertEquals(config.read(8, 4), 0x0108_0201);
  assertEquals(config.read(0x2c, 4), 0x1234_4e56);
  assertEquals(config.read(0x0e, 1), 0);
  // Power management, MSI-X of 33 vectors, PCI Express of an endpoint that can be reset.
  assertEquals(capabilities(backing), [[0x01, 0x40], [0x11, 0x50], [0x10, 0x60]]);
  assertEquals(config.read(0x52, 2), 32);
  assertEquals(config.read(0x62, 2), 0x0002);
  assert((config.read(0x64, 4) & 0x1000_0000) !== 0);
  assertEquals(config.read(0x100, 4), 0);
});

Deno.test("base address register 0 tells its size, and keeps its kind", () => {
  const { backing: { config, bar0 } } = open();
  for (const at of [0x10, 0x14]) config.write(at, 4, 0xffff_ffff);
  assertEquals(config.read(0x10, 4), 0x1_0000_0000 - bar0.length + 0x4);
  assertEquals(config.read(0x14, 4), 0xffff_ffff);
  config.write(0x10, 4, 0xabcd_0000);
  assertEquals(config.read(0x10, 4), 0xabcd_0004);
  for (let at = 0x18; at < 0x28; at += 4) assertEquals(config.read(at, 4), 0);
  assertEquals(Math.log2(bar0.length) % 1, 0);
});

Deno.test("identity cannot be written, and reserved bits of the command stay zero", () => {
  const { backing: { config } } = open();
  for (let at = 0; at < 4096; at += 4) {
    if (at !== 0x68 && at !== 0x44) config.write(at, 4, 0xffff_ffff);
  }
  assertEquals(config.read(0, 4), 0x1234_4e56);
  assertEquals(config.read(8, 4), 0x0108_0201);
  assertEquals(config.read(0x04, 2), 0x0546);
  assertEquals(config.read(0x52, 2), 0xc020);
  assertEquals(config.read(0x06, 2), 0x10);
});

Deno.test("registers answer while memory is decoded and power is on", () => {
  const { backing: { config, bar0 } } = open();
  const version = REGISTERS.VS.offset;
  assertEquals(bar0.read32(version), 0x20100);
  config.write(0x04, 2, 0);
  assertEquals(bar0.read32(version), 0xffff_ffff);
  assertEquals(bar0.read64(0), 0xffff_ffff_ffff_ffffn);
  config.write(0x04, 2, 0x0002);
  config.write(0x44, 2, 3);
  assertEquals(bar0.read32(version), 0xffff_ffff);
  // States in between do not exist.
  config.write(0x44, 2, 1);
  assertEquals(config.read(0x44, 2), 0x000b);
  config.write(0x44, 2, 0);
  assertEquals(bar0.read32(version), 0x20100);
});

Deno.test("accesses that make no sense read as all ones and write nothing", () => {
  const { backing: { config, bar0 } } = open();
  for (
    const [offset, width] of [[4096, 4], [-4, 4], [2, 4], [1, 2], [0.5, 1], [4095, 2]] as const
  ) {
    assertEquals(config.read(offset, width), 2 ** (8 * width) - 1, `${offset}`);
    config.write(offset, width, 0);
  }
  for (const offset of [-4, 2, bar0.length, 0.5, NaN]) {
    assertEquals(bar0.read32(offset), 0xffff_ffff, `${offset}`);
    bar0.write32(offset, 1);
    bar0.write64(offset, 1n);
  }
  assertEquals(bar0.read64(bar0.length - 4), 0xffff_ffff_ffff_ffffn);
});

Deno.test("plug-ins see and change configuration accesses", () => {
  const { bench, backing: { config } } = open();
  const seen: unknown[] = [];
  const detach = bench.drive.taps.attach("pci:regread:writeback", (context) => {
    const { offset, width, value } = context as RegisterTap;
    seen.push([offset, width, value]);
    return offset === 0 ? { kind: "claim", value: 0x1af4n } : { kind: "drop" };
  });
  assertEquals(config.read(0, 2), 0x1af4);
  assertEquals(config.read(0x04, 1), 0xff);
  assertEquals(seen, [[0, 2, 0x4e56n], [0x04, 1, 0x02n]]);
  detach();
  bench.drive.taps.attach("pci:regwrite:decode", () => ({ kind: "mutate", value: 0x4n }));
  config.write(0x04, 2, 0);
  assertEquals(config.read(0x04, 2), 0x0004);
});
