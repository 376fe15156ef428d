// Tests of the tests' own machine: links, directories, encodings.

import { assertEquals } from "@std/assert";
import { blockDevice, link, memoryView } from "./memory_view.ts";

const view = memoryView({
  "/sys/devices/a/b/size": "8\n",
  "/sys/class/block/b": link("../../devices/a/b"),
  "/sys/loop": link("/sys/loop"),
  "/dev/b": blockDevice("259:0"),
  "/bytes": new Uint8Array([0x41, 0xff]),
  "/secret": { text: "x", unreadable: true },
});

Deno.test("memoryView() follows links in the middle of a path and goes up physically", () => {
  assertEquals(view.readText("/sys/class/block/b/size"), "8\n");
  assertEquals(view.realPath("/sys/class/block/b/.."), "/sys/devices/a");
  assertEquals(view.readDir("/sys/class/block/b"), ["size"]);
  assertEquals(view.readLink("/sys/class/block/b"), "../../devices/a/b");
});

Deno.test("memoryView() answers undefined for what is missing, endless or not readable", () => {
  assertEquals(view.readText("/nope"), undefined);
  assertEquals(view.stat("/sys/loop"), undefined);
  assertEquals(view.realPath("/sys/class/block/c"), undefined);
  assertEquals(view.readText("/secret"), undefined);
  assertEquals(view.readDir("/nope"), []);
});

Deno.test("memoryView() tells files, directories and devices apart", () => {
  assertEquals(view.stat("/sys/class/block/b")?.type, "directory");
  assertEquals(view.stat("/bytes")?.type, "regular");
  assertEquals(view.stat("/dev/b")?.device, "259:0");
});

Deno.test("memoryView() reads bytes as one character each when told", () => {
  assertEquals(view.readText("/bytes", "latin1"), "A\u00ff");
  assertEquals(view.readText("/bytes"), "A\ufffd");
});
