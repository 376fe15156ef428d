// The kernel's tables of mounts and swap areas.

import { assertEquals } from "@std/assert";
import { decodeOctal, readMounts, readSwaps } from "../../src/host/proc_tables.ts";
import { memoryView } from "./memory_view.ts";

// Lines as Linux 6.1 writes them: none, one and two optional fields, an empty source.
const MOUNTINFO = `\
22 27 0:21 / /proc rw,relatime - proc proc rw
36 34 259:6 / /tmp/my\\040mount rw,relatime shared:12 - ext4 /dev/nvme0n1p1 rw
37 34 0:52 /@home /home rw,noatime master:1 propagate_from:2 - btrfs /dev/nvme1n1p3 rw,subvol=/@home
38 34 0:53 / /mnt/a-b rw - tmpfs  rw
broken line
`;

Deno.test("readMounts() finds the type and source behind any number of optional fields", () => {
  const view = memoryView({ "/proc/self/mountinfo": MOUNTINFO });
  assertEquals(readMounts(view), [
    { device: "0:21", mountPoint: "/proc", type: "proc", source: "proc" },
    { device: "259:6", mountPoint: "/tmp/my mount", type: "ext4", source: "/dev/nvme0n1p1" },
    { device: "0:52", mountPoint: "/home", type: "btrfs", source: "/dev/nvme1n1p3" },
    { device: "0:53", mountPoint: "/mnt/a-b", type: "tmpfs", source: "" },
  ]);
});

Deno.test("readMounts() is undefined, not empty, where the table cannot be read", () => {
  assertEquals(readMounts(memoryView({})), undefined);
  assertEquals(readMounts(memoryView({ "/proc/self/mountinfo": "" })), []);
});

Deno.test("decodeOctal() gives back blanks, tabs, line ends, backslashes", () => {
  assertEquals(decodeOctal("a\\040b\\011c\\012d\\134e"), "a b\tc\nd\\e");
  assertEquals(decodeOctal("\\134040"), "\\040");
  assertEquals(decodeOctal("ä\\9\\04"), "ä\\9\\04");
});

Deno.test("readSwaps() reads paths that are padded with blanks or followed by tabs", () => {
  const text = `\
Filename				Type		Size		Used		Priority
/dev/nvme0n1p2                          partition	20476		0		-2
/tmp/my\\040mount/swap\\040file           file		8184		0		-3
/dev/dm-1\tpartition\t100\t0\t-4
`;
  assertEquals(readSwaps(memoryView({ "/proc/swaps": text })), [
    { path: "/dev/nvme0n1p2", isFile: false },
    { path: "/tmp/my mount/swap file", isFile: true },
    { path: "/dev/dm-1", isFile: false },
  ]);
  assertEquals(readSwaps(memoryView({})), undefined);
});
