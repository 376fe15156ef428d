// Tests the pure parts of the test guest: its arguments, its images, its protocols.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseArguments, parseDrive, parseSize, UsageError } from "../../scripts/vm/arguments.ts";
import { cpioArchive } from "../../scripts/vm/cpio.ts";
import { type Drive, driveId, driveSetup, nodeId } from "../../scripts/vm/drives.ts";
import { isPvhKernel, isStaticProgram } from "../../scripts/vm/elf.ts";
import { quote } from "../../scripts/vm/guest.ts";
import { parseLibraries } from "../../scripts/vm/image.ts";
import { kernelPackages } from "../../scripts/vm/kernel.ts";
import { loadOrder, moduleName, parseModuleTable } from "../../scripts/vm/modules.ts";
import {
  ByteReader,
  encodeRequest,
  parseAnswerLine,
  parseReadyLine,
  ProtocolError,
  readAnswer,
} from "../../scripts/vm/protocol.ts";
import { type BootFiles, qemuArguments } from "../../scripts/vm/qemu.ts";
import { ownerOf } from "../../scripts/vm/scratch.ts";

const MIB = 1024 * 1024;
const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

Deno.test("kernelPackages() keeps the kernel's own packages of Debian and Ubuntu", () => {
  const debian = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n";
  assertEquals(kernelPackages(debian), ["linux-image-6.1.0-56-amd64"]);
  const ubuntu = [
    "linux-image-generic",
    "  Depends: linux-image-6.8.0-45-generic",
    "  Depends: linux-modules-extra-6.8.0-45-generic",
    "  Depends: linux-firmware",
    " |Depends: <microcode>",
    "  Recommends: thermald",
  ].join("\n");
  assertEquals(kernelPackages(ubuntu), [
    "linux-image-6.8.0-45-generic",
    "linux-modules-extra-6.8.0-45-generic",
  ]);
  assertEquals(kernelPackages("  Depends: linux-modules-6.8.0-45-generic\n  Depends: kmod\n"), [
    "linux-modules-6.8.0-45-generic",
  ]);
});

Deno.test("loadOrder() puts what a module needs before it, once, and leaves out built-in ones", () => {
  const table = parseModuleTable(
    [
      "kernel/drivers/nvme/host/nvme.ko.xz: kernel/nvme-core.ko.xz kernel/t10-pi.ko.xz",
      "kernel/nvme-core.ko.xz: kernel/t10-pi.ko.xz",
      "kernel/t10-pi.ko.xz:",
      "kernel/fs/9p/9p.ko.xz: kernel/t10-pi.ko.xz",
      "",
    ].join("\n"),
    "kernel/drivers/virtio/virtio_pci.ko\n",
  );
  assertEquals(loadOrder(table, ["virtio-pci", "nvme", "9p"]), [
    "kernel/t10-pi.ko.xz",
    "kernel/nvme-core.ko.xz",
    "kernel/drivers/nvme/host/nvme.ko.xz",
    "kernel/fs/9p/9p.ko.xz",
  ]);
  assertThrows(() => loadOrder(table, ["zfs"]), Error, "Cannot load module zfs");
  assertEquals(moduleName("kernel/drivers/nvme/host/nvme-core.ko.zst"), "nvme_core");
});

Deno.test("cpioArchive() writes newc members with the folders above them", () => {
  const archive = cpioArchive([
    { kind: "file", path: "bin/a", mode: 0o755, data: encode("12345") },
    { kind: "link", path: "bin/b", target: "a" },
  ]);
  const text = new TextDecoder().decode(archive);
  // Magic, inode, mode, uid, gid, links, time, size, four devices, name size, checksum, name.
  const zero = "00000000";
  const folder = `070701${"00000001"}${"000041ed"}${zero}${zero}${"00000001"}${zero}${zero}` +
    `${zero.repeat(4)}${"00000004"}${zero}bin\0`;
  assertEquals(text.slice(0, 114), folder);
  const file = text.slice(116);
  assertEquals(file.slice(0, 22), "0707010000000200" + "0081ed");
  assertEquals(file.slice(54, 62), "00000005");
  assertEquals(file.slice(110, 116), "bin/a\0");
  assertEquals(file.slice(116, 124), "12345\0\0\0");
  const link = file.slice(124);
  assertEquals(link.slice(14, 22), "0000a1ff");
  assertEquals(link.slice(110, 120), "bin/b\0a\0\0\0");
  assertEquals(link.slice(120).startsWith("070701"), true);
  assertEquals(text.includes("TRAILER!!!\0"), true);
  assertEquals(archive.length % 4, 0);
});

/** An ELF file with one segment. */
function elf(type: number, content: Uint8Array): Uint8Array {
  const file = new Uint8Array(64 + 56 + content.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, type, true);
  view.setBigUint64(64 + 8, 120n, true);
  view.setBigUint64(64 + 32, BigInt(content.length), true);
  file.set(content, 120);
  return file;
}

Deno.test("isStaticProgram() is false for a program with a loader, and for what is none", () => {
  assertEquals(isStaticProgram(elf(1, new Uint8Array())), true);
  assertEquals(isStaticProgram(elf(3, encode("/lib64/ld"))), false);
  assertEquals(isStaticProgram(encode("#!/bin/sh\n".padEnd(80))), false);
});

Deno.test("isPvhKernel() finds Xen's note 18 behind others", () => {
  const note = (type: number): readonly number[] => [
    ...[4, 0, 0, 0, 5, 0, 0, 0, type, 0, 0, 0],
    ...[0x58, 0x65, 0x6e, 0, 1, 2, 3, 4, 5, 0, 0, 0],
  ];
  assertEquals(isPvhKernel(elf(4, Uint8Array.from([...note(6), ...note(18)]))), true);
  assertEquals(isPvhKernel(elf(4, Uint8Array.from([...note(6), ...note(7)]))), false);
});

Deno.test("parseLibraries() takes absolute paths and leaves the vdso", () => {
  const ldd = "\tlinux-vdso.so.1 (0x00007ffd)\n" +
    "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f01)\n" +
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f02)\n";
  assertEquals(parseLibraries(ldd), [
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});

/** The devices among QEMU's arguments, and the block nodes. */
function objects(args: readonly string[], flag: string): readonly Record<string, unknown>[] {
  return args.flatMap((arg, index) => args[index - 1] === flag ? [JSON.parse(arg)] : []);
}

Deno.test("driveSetup() makes a plain namespace part of a controller behind a port of its own", () => {
  const { driveArgs, files, nodes, paths } = driveSetup(
    [{ serial: "A" }, { serial: "B" }],
    [],
    "/t",
  );
  const [port, nvme, secondPort] = objects(driveArgs, "-device");
  assertEquals([port?.driver, port?.id, port?.addr], ["pcie-root-port", "drive0-port", "10.0"]);
  assertEquals([nvme?.driver, nvme?.id, nvme?.bus], ["nvme", driveId(0), "drive0-port"]);
  assertEquals(nvme?.drive, nodeId(0, 0));
  assertEquals(secondPort?.addr, "10.1");
  assertEquals(files[0], { path: "/t/drive0-data0.img", bytes: 64 * MIB });
  assertEquals([nodes, paths], [2, 2]);
});

Deno.test("driveSetup() gives shared namespaces to every controller of a subsystem", () => {
  const drives: readonly Drive[] = [
    { serial: "S", subsystem: "one", namespaces: [{ bytes: MIB, shared: true }, { bytes: MIB }] },
    { serial: "S", subsystem: "one", namespaces: [] },
  ];
  const { driveArgs, nodes, paths } = driveSetup(drives, [], "/t");
  const devices = objects(driveArgs, "-device");
  assertEquals(devices[0], { driver: "nvme-subsys", id: "one", nqn: "one" });
  const namespaces = devices.filter(({ driver }) => driver === "nvme-ns");
  assertEquals(namespaces.map(({ nsid, shared }) => [nsid, shared]), [[1, true], [2, false]]);
  assertEquals(devices.filter(({ subsys }) => subsys === "one").length, 2);
  assertEquals([nodes, paths], [2, 3]);
});

Deno.test("driveSetup() sizes an image for data and metadata, and puts faults below", () => {
  const faults = [{ event: "read_aio", errno: 5 }];
  const namespace = { bytes: 8 * 4096, blockBytes: 4096, metadataBytes: 8, faults } as const;
  const { driveArgs, files } = driveSetup([{ serial: "M", namespaces: [namespace] }], [], "/t");
  assertEquals(files[0]?.bytes, 8 * (4096 + 8));
  const device = objects(driveArgs, "-device").find(({ driver }) => driver === "nvme-ns");
  assertEquals([device?.ms, device?.logical_block_size], [8, 4096]);
  const [node] = objects(driveArgs, "-blockdev");
  const below = node?.file as Record<string, unknown>;
  assertEquals([below.driver, below["inject-error"]], ["blkdebug", faults]);
});

Deno.test("driveSetup() has faults end with the first write where that is asked for", () => {
  const namespace = {
    bytes: MIB,
    faults: [{ event: "read_aio", errno: 5, sector: 7 }],
    writeEndsFaults: true,
  };
  const { driveArgs } = driveSetup([{ serial: "M", namespaces: [namespace] }], [], "/t");
  const [node] = objects(driveArgs, "-blockdev");
  const below = node?.file as Record<string, unknown>;
  const [fault, ...others] = below["inject-error"] as readonly Record<string, unknown>[];
  assertEquals(fault, { event: "read_aio", errno: 5, sector: 7, state: 1 });
  // In the other state nothing that exists is hit.
  assertEquals(others.map(({ state }) => state), [2, 2]);
  assertEquals(others.every(({ sector }) => Number(sector) * 512 > MIB), true);
  assertEquals(below["set-state"], [{ event: "write_aio", state: 1, new_state: 2 }]);
});

Deno.test("driveSetup() puts eight ports in a slot, and refuses what cannot be", () => {
  const many = Array.from({ length: 24 }, (_, index): Drive => ({ serial: `D${index}` }));
  const ports = objects(driveSetup(many, [], "/t").driveArgs, "-device")
    .filter(({ driver }) => driver === "pcie-root-port");
  assertEquals([ports[7]?.addr, ports[8]?.addr, ports[23]?.addr], ["10.7", "11.0", "12.7"]);
  assertThrows(() => driveSetup([{ serial: "" }], [], "/t"), RangeError, "serial");
  assertThrows(() => driveSetup([{ serial: "x".repeat(21) }], [], "/t"), RangeError);
  const odd: readonly Drive[] = [{ serial: "A", namespaces: [{ bytes: 100 }] }];
  assertThrows(() => driveSetup(odd, [], "/t"), RangeError, "100 bytes");
});

const FILES: BootFiles = {
  kernel: "/k",
  initrd: "/i",
  runSocket: "/t/a,b/run",
  qmpSocket: "/t/qmp",
  consoleLog: "/t/log",
  driveArgs: ["-device", "x"],
  nodes: 3,
  paths: 4,
};

Deno.test("driveSetup() puts further functions into the slot of another drive", () => {
  const drives = [{ serial: "A" }, { serial: "B" }, { serial: "C", slotOf: 0 }, {
    serial: "D",
    slotOf: 0,
  }];
  const found = objects(driveSetup(drives, [], "/f").driveArgs, "-device")
    .map(({ driver, bus, addr, multifunction }) => [driver, bus, addr, multifunction]);
  assertEquals(found, [
    ["pcie-root-port", "pcie.0", "10.0", true],
    ["nvme", "drive0-port", "00.0", true],
    ["pcie-root-port", "pcie.0", "10.1", true],
    ["nvme", "drive1-port", undefined, undefined],
    ["nvme", "drive0-port", "00.1", true],
    ["nvme", "drive0-port", "00.2", true],
  ]);
  for (const slotOf of [1, 7]) {
    const wrong = [{ serial: "A" }, { serial: "B", slotOf }];
    assertThrows(() => driveSetup(wrong, [], "/f"), RangeError, "has no slot with room");
  }
});

Deno.test("qemuArguments() names files, drives and what to wait for", () => {
  const args = qemuArguments({}, FILES);
  const after = (flag: string): string | undefined => args[args.indexOf(flag) + 1];
  assertEquals([after("-kernel"), after("-initrd"), after("-m")], ["/k", "/i", "1024"]);
  assertEquals(after("-serial"), "file:/t/log");
  assertEquals(args.includes("socket,id=run,path=/t/a,,b/run"), true);
  assertEquals(after("-append")?.includes("guest.nodes=3 guest.paths=4"), true);
  assertEquals(args.filter((arg) => arg.startsWith("virtio-9p")).length, 2);
  assertEquals(args.includes("-netdev"), false);
  assertEquals(args.slice(-2), ["-device", "x"]);
});

Deno.test("qemuArguments() follows the options", () => {
  const options = {
    image: "rescue",
    iommu: true,
    network: "host",
    memoryMiB: 512,
    trace: { patterns: ["pci_nvme_*", "vfio_*"], file: "/t/trace" },
    qemu: ["-S"],
    kernel: ["more"],
  } as const;
  const args = qemuArguments(options, FILES);
  const append = args[args.indexOf("-append") + 1] ?? "";
  const words = append.split(" ");
  assertEquals(words.slice(-1), ["more"]);
  for (const word of ["intel_iommu=on", "guest.load=virtio_net", "guest.network"]) {
    assertEquals(words.includes(word), true, word);
  }
  assertEquals(args.some((arg) => arg.startsWith("virtio-9p")), false);
  assertEquals(args.filter((arg) => arg === "-trace").length, 2);
  assertEquals(args.slice(args.indexOf("-D"), args.indexOf("-D") + 2), ["-D", "/t/trace"]);
  assertEquals(args.at(-1), "-S");
});

Deno.test("qemuArguments() gives the console a shell of the terminal's size", () => {
  const terminal = { rows: 40, columns: 120 };
  const args = qemuArguments({ console: "terminal" }, { ...FILES, terminal });
  assertEquals(args[args.indexOf("-serial") + 1], "mon:stdio");
  assertEquals(args[args.indexOf("-append") + 1]?.includes("guest.shell=40x120"), true);
});

Deno.test("encodeRequest() counts bytes, not characters, and rounds time up", () => {
  const request = { id: 7, user: "nobody", timeoutMs: 1500, script: "é", stdin: encode("in") };
  assertEquals(new TextDecoder().decode(encodeRequest(request)), "run 7 nobody 2 2 2\néin");
  assertThrows(() => encodeRequest({ ...request, user: "a b" }), RangeError, "user");
});

Deno.test("parseAnswerLine() and parseReadyLine() refuse everything else", () => {
  const line = { id: 3, how: "timeout", code: 137, stdoutBytes: 10, stderrBytes: 0 } as const;
  assertEquals(parseAnswerLine("done 3 timeout 137 10 0"), line);
  assertThrows(() => parseAnswerLine("ready 6.1"), ProtocolError, 'it says "ready 6.1"');
  assertEquals(parseReadyLine("ready 6.1.0-56-amd64"), "6.1.0-56-amd64");
  assertThrows(() => parseReadyLine("done 3 exit 0 0 0"), ProtocolError);
});

/** A stream that hands out `bytes` in pieces of `step`. */
function source(
  bytes: Uint8Array,
  step: number,
): { read(into: Uint8Array): Promise<number | null> } {
  let next = 0;
  return {
    read(into): Promise<number | null> {
      if (next === bytes.length) return Promise.resolve(null);
      const piece = bytes.subarray(next, next + Math.min(step, into.length));
      into.set(piece);
      next += piece.length;
      return Promise.resolve(piece.length);
    },
  };
}

Deno.test("readAnswer() finds lines and bytes wherever the stream is cut", async () => {
  const stdout = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
  const stream = Uint8Array.from([
    ...encode("done 1 exit 5 300 3\n"),
    ...stdout,
    ...encode("err"),
    ...encode("done 2 exit 0 0 0\n"),
  ]);
  for (const step of [1, 7, 64, 100_000]) {
    const reader = new ByteReader(source(stream, step));
    const first = await readAnswer(reader);
    assertEquals([first.id, first.how, first.code], [1, "exit", 5]);
    assertEquals(first.stdout, stdout);
    assertEquals(new TextDecoder().decode(first.stderr), "err");
    assertEquals((await readAnswer(reader)).id, 2);
    await assertRejects(() => readAnswer(reader), ProtocolError, "has ended");
  }
});

Deno.test("quote() makes one word of the shell", () => {
  assertEquals(quote("--nsid=1"), "--nsid=1");
  assertEquals(quote("it's $HOME"), `'it'\\''s $HOME'`);
  assertEquals(quote(""), "''");
});

Deno.test("ownerOf() knows our folders only", () => {
  assertEquals(ownerOf("nvmectl-vm-123-abc"), 123);
  assertEquals(ownerOf("nvmectl-vm-x"), undefined);
});

Deno.test("parseArguments() takes options before -- and a command after it", () => {
  const request = parseArguments(["--drive", "1G", "--iommu", "--", "nvmectl", "list", "--help"]);
  assertEquals(request.script, "nvmectl list --help");
  assertEquals([request.help, request.iommu, request.drives.length], [false, true, 1]);
  assertEquals(parseArguments(["--", "a | b"]).script, "a | b");
  assertEquals(parseArguments([]).drives[0]?.namespaces, [{ bytes: 64 * MIB }]);
  assertEquals("script" in parseArguments([]), false);
  for (const args of [["list"], ["--drive"], ["--memory", "0"], ["--drive", "1G:x=2"]]) {
    assertThrows(() => parseArguments(args), UsageError);
  }
});

Deno.test("parseDrive() reads block and metadata sizes and a serial number", () => {
  assertEquals(parseDrive("64M:lba=4096:ms=8:serial=A1", 0), {
    serial: "A1",
    namespaces: [{ bytes: 64 * MIB, blockBytes: 4096, metadataBytes: 8 }],
  });
  assertEquals(parseDrive("512K", 1).serial, "VM0002");
  assertEquals(parseDrive("64M:slot=1", 1).slotOf, 0);
  assertThrows(() => parseDrive("64M:lba=1024", 0), UsageError, "512, 4096");
  assertThrows(() => parseSize("64T"), UsageError);
});
