// Processes that have a namespace open.

import { assertEquals } from "@std/assert";
import { openIn, unseenProcesses } from "../../src/host/open_in.ts";
import { stackOn } from "../../src/host/stack.ts";
import {
  controllerDirectory,
  files,
  generic,
  namespace,
  partition,
  pcieController,
  process,
} from "./machine.ts";
import { blockDevice, charDevice, link, memoryView, type Tree } from "./memory_view.ts";

const NVME0 = controllerDirectory("nvme0", "0000:01:00.0");
const NS1 = `${NVME0}/nvme0n1`;

const DRIVE: readonly Tree[] = [
  pcieController("nvme0", "0000:01:00.0"),
  namespace(NVME0, "nvme0n1", "259:0"),
  namespace(NVME0, "nvme0n2", "259:5"),
  partition(NS1, "nvme0n1p1", "259:1"),
  generic(NVME0, "ng0n1", "240:0"),
];

function texts(...trees: readonly Tree[]): readonly string[] {
  const view = memoryView(...DRIVE, ...trees);
  return openIn(view, stackOn(view, ["nvme0n1"])).map(({ text }) => text);
}

Deno.test("openIn() finds the namespace, its partitions and its character device", () => {
  const found = texts(
    process("1234", "qemu-system-x86", "/dev/null", "/dev/nvme0n1"),
    process("99", "nbd-server", "/dev/nvme0n1p1", "/dev/nvme0n1", "/dev/nvme0n1"),
    process("100", "spdk (x)", "/dev/ng0n1"),
    process("101", "other", "/dev/nvme0n2", "/dev/nvme0", "socket:[77]"),
  );
  assertEquals(found, [
    "/dev/nvme0n1 and /dev/nvme0n1p1 are open in process 99 (nbd-server)",
    "/dev/ng0n1 is open in process 100 (spdk (x))",
    "/dev/nvme0n1 is open in process 1234 (qemu-system-x86)",
  ]);
});

Deno.test("openIn() gives a blocking use with the namespace and the process", () => {
  const view = memoryView(...DRIVE, process("7", "vm", "/dev/nvme0n1p1"));
  assertEquals(openIn(view, stackOn(view, ["nvme0n1"])), [{
    kind: "open",
    device: "/dev/nvme0n1p1",
    namespaces: ["nvme0n1"],
    detail: "7",
    blocking: true,
    text: "/dev/nvme0n1p1 is open in process 7 (vm)",
  }]);
});

Deno.test("openIn() goes by type and number: nodes have any name, or none any more", () => {
  const found = texts(
    process("7", "a", "/tmp/node"),
    process("8", "b", "/dev/nvme0n1 (deleted)"),
    process("9", "c", "/tmp/tty"),
    {
      "/tmp/node": blockDevice("259:0"),
      "/dev/nvme0n1 (deleted)": blockDevice("259:1"),
      "/tmp/tty": charDevice("259:0"),
    },
  );
  assertEquals(found, [
    "/dev/nvme0n1 is open in process 7 (a)",
    "/dev/nvme0n1p1 is open in process 8 (b)",
  ]);
});

Deno.test("openIn() finds hidden paths where the kernel gives them a number", () => {
  const found = texts(
    files("/sys/class/block/nvme0c1n1", { dev: "259:7" }),
    files("/sys/class/block/nvme1c1n1", { dev: "259:8" }),
    { "/tmp/path": blockDevice("259:7"), "/tmp/other": blockDevice("259:8") },
    process("7", "a", "/tmp/path"),
    process("8", "b", "/tmp/other"),
  );
  assertEquals(found, ["/dev/nvme0c1n1 is open in process 7 (a)"]);
});

Deno.test("openIn() leaves out this process, and those that end while it looks", () => {
  const found = texts(process("7", "nvmectl", "/dev/nvme0n1"), {
    "/proc/self": link("7"),
    "/proc/8/fd/0": link("/dev/nvme0n1"),
    "/proc/9/fd/0": link("/gone"),
    "/proc/10/comm": "ended\n",
  });
  assertEquals(found, []);
});

Deno.test("openIn() looks at the other threads of a process whose first one has ended", () => {
  const found = texts(process("7", "daemon"), {
    "/proc/7/task/7/comm": "daemon\n",
    "/proc/7/task/8/fd/3": link("/dev/nvme0n1"),
  });
  assertEquals(found, ["/dev/nvme0n1 is open in process 7 (daemon)"]);
});

Deno.test("unseenProcesses() is silent where every process shows its files", () => {
  const view = memoryView(process("1", "init", "/dev/null"), process("2", "kthreadd"), {
    "/proc/3/stat": "3 (a) b) Z 1",
    "/proc/4/comm": "ended\n",
    "/proc/self": link("5"),
    "/proc/5/ns/pid": link("pid:[4026531836]"),
  });
  assertEquals(unseenProcesses(view), []);
});

Deno.test("unseenProcesses() tells where other processes are closed, or not shown", () => {
  const closed: Tree = { "/proc/1/stat": "1 (init) S 0 1", "/proc/1/comm": "init\n" };
  const other = "processes of other users that have it open are not seen";
  const me = (userId: number): Tree => ({
    "/proc/self": link("5"),
    "/proc/5": { type: "directory", userId },
    "/proc/5/ns/pid": link("pid:[4026531836]"),
  });
  assertEquals(unseenProcesses(memoryView(closed, me(1000))), [other]);
  assertEquals(unseenProcesses(memoryView(me(1000))), [other]);
  assertEquals(unseenProcesses(memoryView(closed, me(0), { "/proc/1/fd/0": "no link" })), [
    "what process 1 (init), and perhaps others, have open is not seen",
  ]);
});

Deno.test("unseenProcesses() tells of a container, and of no /proc at all", () => {
  const view = memoryView({ "/proc/self": link("1"), "/proc/1/ns/pid": link("pid:[4026532001]") });
  assertEquals(unseenProcesses(view), [
    "processes outside this container that have it open are not seen",
  ]);
  assertEquals(unseenProcesses(memoryView({})), [
    "processes that have it open are not known: /proc cannot be read",
  ]);
});
