// A machine whose sysfs does what the kernel's does when drivers are bound and unbound.

import type { HostView } from "../../../src/host/host_view.ts";
import type { PciHost } from "../../../src/host/pci/pci_host.ts";
import { files, mounts, namespace, pcieController, pciFunction, subsystem } from "../machine.ts";
import { charDevice, link, memoryView, type Tree } from "../memory_view.ts";

/** A PCI function of the fake machine. */
export interface FakeFunction {
  readonly classCode?: string;
  readonly driver?: string | undefined;
  /** The driver that somebody has reserved it for. */
  readonly override?: string;
  /** IOMMU group; none without. */
  readonly group?: string;
  /** The controller that the nvme driver makes of it, with one namespace. */
  readonly controller?: string;
  /** The kernel's word for the controller once the driver has it back. */
  readonly state?: string;
}

/** What is different about a machine. */
export interface FakeOptions {
  readonly functions?: Readonly<Record<string, FakeFunction>>;
  /** Further files. */
  readonly trees?: readonly Tree[];
  /** Modules that are loaded. */
  readonly loaded?: readonly string[];
  /** Drivers that do not claim what they are offered. */
  readonly unwilling?: readonly string[];
  /** What a write, a load or a read of a block device does instead, by path. */
  readonly failing?: Readonly<Record<string, string>>;
  /** Bytes of block devices, by path. */
  readonly blocks?: Readonly<Record<string, Uint8Array>>;
  readonly memlockBytes?: bigint | undefined;
  /** Block devices that came into use after everybody looked. */
  readonly claimed?: readonly string[];
}

/** One drive, bound to nvme, in a group of its own. */
export const ONE_DRIVE: Readonly<Record<string, FakeFunction>> = {
  "0000:01:00.0": { driver: "nvme", group: "14", controller: "nvme0" },
};

/** The kernel's modules for vfio, none of them loaded. */
export const MODULES: Tree = {
  "/proc/sys/kernel/osrelease": "6.1.0-test\n",
  "/lib/modules/6.1.0-test/modules.builtin": "kernel/drivers/base/foo.ko\n",
  "/lib/modules/6.1.0-test/modules.dep": [
    "kernel/vfio/vfio.ko:",
    "kernel/vfio/vfio_iommu_type1.ko: kernel/vfio/vfio.ko",
    "kernel/vfio/pci/vfio-pci-core.ko: kernel/vfio/vfio.ko kernel/virt/irqbypass.ko",
    "kernel/vfio/pci/vfio-pci.ko.xz: kernel/vfio/pci/vfio-pci-core.ko kernel/vfio/vfio.ko " +
    "kernel/virt/irqbypass.ko",
    "kernel/virt/irqbypass.ko:",
    "kernel/nvme/nvme.ko: kernel/nvme/nvme-core.ko",
    "kernel/nvme/nvme-core.ko:",
    "",
  ].join("\n"),
};

const SYSTEM: Tree = {
  "/proc/1/mountinfo": "",
  "/proc/swaps": "Filename\n",
  "/proc/self": link("1"),
  "/proc/1/status": "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n",
  "/proc/1/ns/pid": link("pid:[4026531836]"),
  "/sys/kernel/iommu_groups": { type: "directory" },
};

/** What is mounted there, as `mounts()` writes it. */
export function mounted(...lines: readonly string[]): Tree {
  return Object.fromEntries(
    Object.entries(mounts(...lines)).map(([path, text]) => [path.replace("self", "1"), text]),
  );
}

/** A function as it is at the moment. */
interface State {
  driver: string | undefined;
  override: string | undefined;
}

/** A machine in memory, and everything that was done to it. */
export class FakeMachine implements PciHost {
  /** What was done, in order: `write PATH TEXT`, `load PATH`, `keep PATH TEXT`, `forget PATH`. */
  readonly done: string[] = [];
  readonly #states = new Map<string, State>();
  readonly #functions: Readonly<Record<string, FakeFunction>>;
  readonly #loaded: Set<string>;
  readonly #kept = new Map<string, string>();

  constructor(private readonly options: FakeOptions = {}) {
    this.#functions = options.functions ?? ONE_DRIVE;
    this.#loaded = new Set(["nvme", "nvme_core", ...options.loaded ?? []]);
    for (const [address, { driver, override }] of Object.entries(this.#functions)) {
      this.#states.set(address, { driver, override });
    }
  }

  get view(): HostView {
    return memoryView(
      SYSTEM,
      MODULES,
      ...Object.keys(this.#functions).map((address) => this.#functionTree(address)),
      ...[...this.#loaded].map((name): Tree => ({
        [`/sys/module/${name}`]: { type: "directory" },
        [`/sys/module/${name}/refcnt`]: "0\n",
      })),
      this.#has("vfio_pci") ? { "/sys/bus/pci/drivers/vfio-pci/bind": "" } : {},
      this.#has("nvme") ? { "/sys/bus/pci/drivers/nvme/bind": "" } : {},
      Object.fromEntries(this.#kept),
      ...this.options.trees ?? [],
    );
  }

  /** The driver that a function has now. */
  driverOf(address: string): string | undefined {
    return this.#states.get(address)?.driver;
  }

  /** The driver that a function is reserved for now. */
  overrideOf(address: string): string | undefined {
    return this.#states.get(address)?.override;
  }

  /** Files that were kept and not forgotten. */
  get kept(): readonly string[] {
    return [...this.#kept.keys()];
  }

  probe(): boolean {
    return false;
  }

  memlockBytes(): bigint | undefined {
    return this.options.memlockBytes;
  }

  openBlock(path: string): ReturnType<PciHost["openBlock"]> {
    this.#fail(path);
    const bytes = this.options.blocks?.[path] ?? new Uint8Array(1024 * 1024);
    return {
      read: (offset, length) => bytes.subarray(Number(offset), Number(offset) + length),
      [Symbol.dispose]: () => {},
    };
  }

  claim(path: string): Disposable {
    if (this.options.claimed?.includes(path)) throw failure("EBUSY", path);
    this.done.push(`claim ${path}`);
    return { [Symbol.dispose]: () => void this.done.push(`release ${path}`) };
  }

  writeAttribute(path: string, text: string): void {
    this.done.push(`write ${path} ${text.trimEnd()}`.trimEnd());
    this.#fail(path);
    const [, address = "", attribute] = /^\/sys\/bus\/pci\/devices\/([^/]+)\/(.+)$/.exec(path) ??
      [];
    const state = this.#states.get(address);
    if (path === "/sys/bus/pci/drivers_probe") this.#bind(text);
    else if (attribute === "driver_override" && state) {
      state.override = text.trim() || undefined;
    } else if (attribute === "driver/unbind" && state) state.driver = undefined;
    else throw failure("ENOENT", path);
  }

  loadModule(path: string, { compressed }: { readonly compressed: boolean }): void {
    this.done.push(`load ${path}${compressed ? " compressed" : ""}`);
    this.#fail(path);
    const base = path.slice(path.lastIndexOf("/") + 1).replace(/\.ko.*$/, "");
    this.#loaded.add(base.replaceAll("-", "_"));
  }

  keepFile(path: string, text: string): void {
    this.done.push(`keep ${path} ${text.trimEnd()}`);
    this.#fail(path);
    this.#kept.set(path, text);
  }

  forgetFile(path: string): void {
    this.done.push(`forget ${path}`);
    this.#kept.delete(path);
  }

  #has(module: string): boolean {
    return this.#loaded.has(module);
  }

  #bind(address: string): void {
    const state = this.#states.get(address);
    if (state === undefined || state.driver !== undefined) return;
    const wanted = state.override ?? "nvme";
    const isThere = wanted === "vfio-pci" ? this.#has("vfio_pci") : wanted !== "nvme" ||
      this.#has("nvme");
    if (isThere && !this.options.unwilling?.includes(wanted)) state.driver = wanted;
  }

  #functionTree(address: string): Tree {
    const { classCode = "010802", group, controller, state } = this.#functions[address] ?? {};
    const { driver, override } = this.#states.get(address) ?? {};
    const directory = `/sys/devices/pci0000:00/0000:00:01.1/${address}`;
    const hasController = driver === "nvme" && controller !== undefined;
    return {
      ...pciFunction(address, {
        class: `0x${classCode}`,
        ...(driver === undefined ? {} : { driver }),
        driver_override: override ?? "(null)",
      }),
      ...(hasController ? controllerTree(controller, address, state) : {}),
      // Last, so that the function's own attributes are those of this machine.
      ...files(directory, { class: `0x${classCode}`, driver_override: override ?? "(null)" }),
      ...(group === undefined ? {} : {
        [`${directory}/iommu_group`]: link(`/sys/kernel/iommu_groups/${group}`),
        [`/sys/kernel/iommu_groups/${group}/devices/${address}`]: link(directory),
      }),
      ...(group !== undefined && driver === "vfio-pci"
        ? { [`/dev/vfio/${group}`]: charDevice(`243:${group}`) }
        : {}),
    };
  }

  #fail(path: string): void {
    const code = this.options.failing?.[path];
    if (code !== undefined) throw failure(code, path);
  }
}

/** An error as the operating system's are thrown. */
export function failure(code: string, path: string): Error {
  return Object.assign(new Error(`Cannot use ${path}: refused (${code})`), { code });
}

function controllerTree(name: string, address: string, state = "live"): Tree {
  const number = name.replace("nvme", "");
  const directory = `/sys/devices/pci0000:00/0000:00:01.1/${address}/nvme/${name}`;
  return {
    ...pcieController(name, address, { state, serial: `SERIAL${number}` }),
    ...namespace(directory, `${name}n1`, `259:${number}`, { size: "2048" }),
    ...subsystem(`nvme-subsys${number}`, { [name]: directory }),
  };
}

/** Time that passes only while somebody waits. */
export class FakePatience {
  time = 0;
  /** Called at each wait. */
  onSleep: () => void = () => {};

  now(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    this.time += ms;
    this.onSleep();
    return Promise.resolve();
  }
}
