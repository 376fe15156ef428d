// Builds QEMU's command line for a test guest.

import type { Disk, Drive } from "./drives.ts";

/** What a guest is like. */
export interface BootOptions {
  /**
   * `full` (default): the host's root, shared read only below a layer in memory, so that the host's
   * programs run inside. `rescue`: busybox, the C library and nvmectl, nothing else.
   */
  readonly image?: "full" | "rescue";
  /** Default none. */
  readonly drives?: readonly Drive[];
  /** Virtio block devices, `/dev/vda` and on (full image only). Default none. */
  readonly disks?: readonly Disk[];
  /** Default 1024. */
  readonly memoryMiB?: number;
  /**
   * An emulated IOMMU, with which vfio-pci works: `modprobe vfio-pci` in the full image, loaded in
   * the rescue image. Default false.
   */
  readonly iommu?: boolean;
  /**
   * `none` (default): no network card. `host` (full image only): the host's loopback services are
   * at 10.0.2.2, and the guest has no route to anything else.
   */
  readonly network?: "none" | "host";
  /** QEMU's trace events, for example `pci_nvme_*`, written to a file of the host. */
  readonly trace?: { readonly patterns: readonly string[]; readonly file: string };
  /** The program in the rescue image. Default `build/nvmectl` of this checkout. */
  readonly binary?: string;
  /** `log` (default): kept for {@linkcode Guest.console}. `terminal`: a shell on this terminal. */
  readonly console?: "log" | "terminal";
  /** Further arguments for QEMU. */
  readonly qemu?: readonly string[];
  /** Further words of the kernel command line. */
  readonly kernel?: readonly string[];
  /** How long the guest may take until its first command. Default 120 s. */
  readonly bootTimeoutMs?: number;
}

/** Files and numbers that the command line names and the options do not. */
export interface BootFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** QEMU connects to these two UNIX sockets. */
  readonly runSocket: string;
  readonly qmpSocket: string;
  /** Where the serial console goes unless it is a terminal. */
  readonly consoleLog: string;
  readonly driveArgs: readonly string[];
  /** Namespaces and paths to wait for, see {@linkcode DriveSetup}. */
  readonly nodes: number;
  readonly paths: number;
  /** Rows and columns of the terminal that the console is. */
  readonly terminal?: { readonly rows: number; readonly columns: number };
}

/** QEMU's arguments for a guest, without the program itself. */
export function qemuArguments(options: BootOptions, files: BootFiles): readonly string[] {
  const { image = "full", iommu = false, memoryMiB = 1024, network = "none", trace } = options;
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    // KVM is often there and unusable; emulation is the same everywhere.
    ...["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", String(memoryMiB)],
    ...["-machine", "q35,kernel-irqchip=split"],
    ...(iommu ? ["-device", "intel-iommu,intremap=on,caching-mode=on"] : []),
    ...["-kernel", files.kernel, "-initrd", files.initrd],
    ...["-append", kernelCommandLine(options, files)],
    ...(options.console === "terminal"
      ? ["-serial", "mon:stdio"]
      : ["-serial", `file:${escapeComma(files.consoleLog)}`]),
    ...socket("qmp", files.qmpSocket),
    ...["-mon", "chardev=qmp,mode=control"],
    ...["-device", "virtio-serial-pci"],
    ...socket("run", files.runSocket),
    ...["-device", "virtserialport,chardev=run,name=run"],
    ...(image === "full" ? sharedRoot() : []),
    ...(network === "host" ? networkCard() : []),
    ...(trace === undefined ? [] : [
      ...trace.patterns.flatMap((pattern) => ["-trace", pattern]),
      ...["-D", trace.file],
    ]),
    ...files.driveArgs,
    ...(options.qemu ?? []),
  ];
}

function kernelCommandLine(options: BootOptions, files: BootFiles): string {
  const modules = [
    ...(options.network === "host" ? ["virtio_net"] : []),
    ...(options.disks?.length ? ["virtio_blk"] : []),
  ];
  return [
    "console=ttyS0",
    "loglevel=7",
    // A panic resets, and QEMU ends at a reset: nobody waits for a dead guest.
    "panic=-1",
    // The default clock source costs 2 µs per reading under emulation.
    "tsc=reliable",
    "clocksource=tsc",
    "cryptomgr.notests",
    // Drives need no I/O ports, and there are not enough for 24 hot-plug ports.
    "pci=hpiosize=0",
    // Programs at the same addresses at each start: their translated code is found again, and
    // nvmectl starts in 0.4 s instead of 1.0 s.
    "norandmaps",
    // The test of the timer counts its interrupts for some ms, and panics where a busy machine did
    // not let QEMU raise them.
    "no_timer_check",
    ...(options.iommu ? ["intel_iommu=on", "iommu=pt"] : []),
    `guest.nodes=${files.nodes}`,
    `guest.paths=${files.paths}`,
    ...(modules.length > 0 ? [`guest.load=${modules.join(",")}`] : []),
    ...(options.network === "host" ? ["guest.network"] : []),
    ...(files.terminal ? [`guest.shell=${files.terminal.rows}x${files.terminal.columns}`] : []),
    ...(options.kernel ?? []),
  ].join(" ");
}

/** QEMU is the client, so that nobody has to wait for a socket to appear. */
function socket(id: string, path: string): readonly string[] {
  return ["-chardev", `socket,id=${id},path=${escapeComma(path)}`];
}

/** A share can be mounted once: one is for the root, which is cached, the other for fresh files. */
function sharedRoot(): readonly string[] {
  return ["host", "fresh"].flatMap((tag) => [
    "-fsdev",
    `local,id=${tag},path=/,readonly=on,security_model=none,multidevs=remap`,
    "-device",
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ]);
}

function networkCard(): readonly string[] {
  return [
    "-netdev",
    "user,id=network,ipv6=off",
    // Without its boot program, which not every distribution installs.
    "-device",
    "virtio-net-pci,netdev=network,romfile=",
  ];
}

/** QEMU's option syntax ends a value at a comma unless it is doubled. */
function escapeComma(value: string): string {
  return value.replaceAll(",", ",,");
}
