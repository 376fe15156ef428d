// The kernel's names for NVMe devices.

import { assertEquals } from "@std/assert";
import { compareNames, parseName } from "../../src/host/names.ts";

Deno.test("parseName() tells the kernel's six sorts of names apart", () => {
  assertEquals(parseName("nvme-subsys3"), { kind: "subsystem" });
  assertEquals(parseName("nvme10"), { kind: "controller" });
  assertEquals(parseName("nvme1n2"), { kind: "namespace", generic: "ng1n2" });
  assertEquals(parseName("nvme1c3n2"), { kind: "path", head: "nvme1n2" });
  assertEquals(parseName("ng1n2"), { kind: "generic", namespace: "nvme1n2" });
  assertEquals(parseName("nvme1n2p13"), { kind: "partition", namespace: "nvme1n2", number: 13 });
});

Deno.test("parseName() knows no other names, though they begin alike", () => {
  for (
    const name of ["nvme", "nvme-fabrics", "nvme0n", "nvme0c0n1p1", "ng0", "xnvme0", "nvme0n1 ", ""]
  ) {
    assertEquals(parseName(name), undefined, name);
  }
});

Deno.test("compareNames() orders numbers as numbers, every one of them", () => {
  const names = ["nvme10n1", "nvme2n10", "nvme2", "nvme2n9p1", "nvme2n9", "0000:0a:00.0"];
  assertEquals(names.toSorted(compareNames), [
    "0000:0a:00.0",
    "nvme2",
    "nvme2n9",
    "nvme2n9p1",
    "nvme2n10",
    "nvme10n1",
  ]);
});
