// PCI class codes in words.

import { assertEquals } from "@std/assert";
import { className, isBridgeClass, isNvmeClass } from "../../../src/host/pci/class_code.ts";

Deno.test("className() knows a class by its subclass, else by its base class", () => {
  assertEquals(className("010802"), "NVMe controller");
  assertEquals(className("010803"), "NVMe administrative controller");
  assertEquals(className("010601"), "SATA controller");
  assertEquals(className("018000"), "storage controller");
  assertEquals(className("ff0000"), "device of another kind");
  assertEquals(className(undefined), "device without a class");
});

Deno.test("isNvmeClass() takes I/O and administrative controllers, not their predecessor", () => {
  assertEquals(["010802", "010803", "010801", "010601", undefined].map(isNvmeClass), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("isBridgeClass() takes what only passes on, not the host's or ISA's bridge", () => {
  assertEquals(["060400", "060980", "060700", "060000", "060100", "010802"].map(isBridgeClass), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
