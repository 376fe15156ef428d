// The grammar of PCI addresses.

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/errors.ts";
import { parseAddress } from "../../../src/host/pci/address.ts";

Deno.test("parseAddress() reads what people type and writes what the kernel writes", () => {
  assertEquals(parseAddress("0000:01:00.0"), "0000:01:00.0");
  assertEquals(parseAddress("01:00.0"), "0000:01:00.0");
  assertEquals(parseAddress("0000:3B:1F.7"), "0000:3b:1f.7");
  assertEquals(parseAddress(" 5e:00.0 "), "0000:5e:00.0");
  // A domain of Intel's VMD.
  assertEquals(parseAddress("10000:01:00.0"), "10000:01:00.0");
});

Deno.test("parseAddress() says what is wrong with the rest", () => {
  const cases: readonly (readonly [typed: string, found: string])[] = [
    ["", "it is empty"],
    ["/dev/nvme0", "it is a path"],
    ["nvme0", "it is the name of a device"],
    ["pci:01:00.0", "stands here without pci:"],
    ["0000:01:00", "the function is missing"],
    ["01:00.8", "its function number is 8, and the last one is 7"],
    ["01:20.0", "its device number is 20, and the last one is 1f"],
    ["01:0g.0", "characters other than hexadecimal"],
    ["1:0.0", "it is not domain:bus:device.function"],
    ["0000.01.00.0", "it is not domain:bus:device.function"],
    ["0000:0001:00.0", "it is not domain:bus:device.function"],
    ["01:00.00", "it is not domain:bus:device.function"],
  ];
  for (const [typed, found] of cases) {
    const error = assertThrows(() => parseAddress(typed), UsageError, found);
    assertEquals(error.message.startsWith("Cannot read the PCI address "), true);
    assertEquals(error.next?.includes("0000:01:00.0"), true);
  }
});
