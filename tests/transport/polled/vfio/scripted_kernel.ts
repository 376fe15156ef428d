// A kernel for VFIO's tests: one function behind an IOMMU, with the rules of order that Linux has,
// and any of its answers replaced. It knows what is open and mapped.

import { ERRNO } from "../../../../ffi/errno.ts";
import * as iommufd from "../../../../ffi/iommufd.ts";
import type { IoctlArgument, IoctlOutcome } from "../../../../ffi/ioctl.ts";
import { SysError } from "../../../../ffi/sys_error.ts";
import { VFIO_IOCTL } from "../../../../ffi/vfio.ts";
import * as structs from "../../../../ffi/vfio_structs.ts";
import type {
  KernelFile,
  KernelMemory,
  VfioKernel,
} from "../../../../src/transport/polled/vfio/kernel.ts";
import { requestName } from "../../../../src/transport/polled/vfio/request.ts";

/** The function that every kernel here has. */
export const BDF = "0000:06:00.0";
const DEVICE = `/sys/bus/pci/devices/${BDF}`;
const GROUP = "/sys/kernel/iommu_groups/12";
const CONFIG_OFFSET = 7n << 40n;
const CONFIG_BYTES = 4096;

/** What differs from a good machine. */
export interface Machine {
  /** Symbolic links, over those of a good machine; undefined takes one away. */
  readonly links?: Readonly<Record<string, string | undefined>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  readonly texts?: Readonly<Record<string, string>>;
  /** Errno by request (`VFIO_SET_IOMMU`), `open PATH`, `map memory`, `map device`, `event`. */
  readonly refuse?: Readonly<Record<string, number>>;
  /** The node appears after so many attempts to open it. */
  readonly lateNode?: number;
  readonly viable?: boolean;
  /** Kinds of IOMMU that CHECK_EXTENSION knows. */
  readonly extensions?: readonly number[];
  readonly apiVersion?: number;
  readonly deviceFlags?: number;
  readonly interrupts?: number;
  readonly classCode?: number;
  readonly barBytes?: bigint;
  readonly barFlags?: number;
  /** Areas that can be mapped; undefined for no sparse capability. */
  readonly areas?: readonly (readonly [offset: bigint, size: bigint])[];
  readonly ranges?: readonly (readonly [first: bigint, last: bigint])[];
  readonly pageSizes?: bigint;
  /** Bytes that UNMAP says it has unmapped; what was asked for unless given. */
  readonly unmapped?: bigint;
  /** Replaces what IOMMU_GET_INFO says behind its structure. */
  readonly iommuCapabilities?: Uint8Array;
  readonly memlock?: bigint;
  readonly pageBytes?: number;
}

const QEMU_RANGES = [[0n, 0xfedf_ffffn], [0xfef0_0000n, 0x7f_ffff_ffffn]] as const;

/** Linux, as far as VFIO needs it. */
export class ScriptedKernel implements VfioKernel {
  readonly arch = "x86_64";
  /** What happened, in order. */
  readonly log: string[] = [];
  /** What is open or mapped now. */
  readonly alive = new Set<string>();
  /** The memory behind the registers that were mapped last. */
  registers = new ArrayBuffer(0);
  readonly config = new Uint8Array(CONFIG_BYTES);
  /** Raised once the kernel wants the function back. */
  requested = false;
  readonly #machine: Machine;
  readonly #memories = new Map<bigint, ArrayBuffer>();
  #lateNode: number;
  #lastNumber = 10;
  #inContainer = false;
  #hasIommu = false;

  constructor(machine: Machine = {}) {
    this.#machine = machine;
    this.#lateNode = machine.lateNode ?? 0;
    const view = new DataView(this.config.buffer);
    view.setUint32(8, ((machine.classCode ?? 0x010802) << 8) | 0x02, true);
  }

  pageBytes = (): number => this.#machine.pageBytes ?? 4096;
  memlockLimitBytes = (): bigint | undefined => this.#machine.memlock;

  open(path: string): KernelFile {
    const errno = this.#machine.refuse?.[`open ${path}`];
    if (path.startsWith("/dev/vfio/1") && this.#lateNode-- > 0) {
      throw new SysError(`open ${path}`, ERRNO.ENOENT);
    }
    if (errno !== undefined) throw new SysError(`open ${path}`, errno);
    this.log.push(`open ${path}`);
    return this.#file(path);
  }

  adopt(_descriptor: number, path: string): KernelFile {
    return this.#file(path);
  }

  mapMemory(bytes: number): KernelMemory {
    this.#check("map memory");
    const address = BigInt(0x7f00_0000_0000 + this.#lastNumber++ * 0x1000_0000);
    const buffer = new ArrayBuffer(bytes);
    this.#memories.set(address, buffer);
    return this.#memory(`${bytes} bytes of memory`, buffer, address);
  }

  mapDevice(_device: KernelFile, offset: bigint, bytes: number): KernelMemory {
    this.#check("map device");
    this.registers = new ArrayBuffer(bytes);
    return this.#memory(`registers ${offset}+${bytes}`, this.registers, 0x1000n);
  }

  event(): { number: number; take(): boolean; [Symbol.dispose](): void } {
    this.#check("event");
    const number = this.#lastNumber++;
    this.#born("eventfd");
    return {
      number,
      take: () => this.requested,
      [Symbol.dispose]: () => this.#died("eventfd"),
    };
  }

  readLink(path: string): string | undefined {
    const good: Readonly<Record<string, string>> = {
      [DEVICE]: `../../../devices/pci0000:00/0000:00:04.0/${BDF}`,
      [`${DEVICE}/driver`]: "../../../../bus/pci/drivers/vfio-pci",
      [`${DEVICE}/iommu_group`]: "../../../../kernel/iommu_groups/12",
      [`${GROUP}/devices/${BDF}/driver`]: "../../bus/pci/drivers/vfio-pci",
    };
    return { ...good, ...this.#machine.links }[path];
  }

  readDir(path: string): readonly string[] {
    return { [`${GROUP}/devices`]: [BDF], ...this.#machine.folders }[path] ?? [];
  }

  readText(path: string): string | undefined {
    return { [`${GROUP}/name`]: "DMA-FQ\n", ...this.#machine.texts }[path];
  }

  #file(path: string): KernelFile {
    this.#born(path);
    return {
      number: this.#lastNumber++,
      path,
      tryIoctl: (request, argument = 0n) => this.#ioctl(request, argument),
      pread: (into, offset) => this.#config(into, offset, (from) => into.set(from)),
      pwrite: (from, offset) => this.#config(from, offset, (to) => to.set(from)),
      [Symbol.dispose]: () => this.#died(path),
    };
  }

  #config(bytes: Uint8Array, offset: bigint, act: (part: Uint8Array) => void): number {
    const at = Number(offset - CONFIG_OFFSET);
    const part = this.config.subarray(at, at + bytes.length);
    act(part);
    return part.length;
  }

  #memory(name: string, buffer: ArrayBuffer, address: bigint): KernelMemory {
    this.#born(name);
    return {
      buffer,
      address,
      [Symbol.dispose]: () => {
        this.#died(name);
        buffer.transfer(0);
      },
    };
  }

  #check(what: string): void {
    const errno = this.#machine.refuse?.[what];
    if (errno !== undefined) throw new SysError(what, errno);
    this.log.push(what);
  }

  #born(what: string): void {
    if (this.alive.has(what)) throw new Error(`${what} is open twice`);
    this.alive.add(what);
  }

  #died(what: string): void {
    if (this.alive.delete(what)) this.log.push(`close ${what}`);
  }

  #ioctl(request: number, argument: IoctlArgument): IoctlOutcome {
    const name = requestName(request);
    this.log.push(typeof argument === "bigint" && argument > 0n ? `${name} ${argument}` : name);
    const errno = this.#machine.refuse?.[name] ?? 0;
    if (errno !== 0) return { result: -1, errno };
    const result = typeof argument === "bigint"
      ? this.#simple(request, Number(argument))
      : this.#structured(request, argument);
    return result < 0 ? { result: -1, errno: -result } : { result, errno: 0 };
  }

  /** Requests with a number or nothing; a negative result is an errno. */
  #simple(request: number, argument: number): number {
    const { extensions = [1, 3], apiVersion = 0 } = this.#machine;
    switch (request) {
      case VFIO_IOCTL.GET_API_VERSION:
        return apiVersion;
      case VFIO_IOCTL.CHECK_EXTENSION:
        return extensions.includes(argument) ? 1 : 0;
      case VFIO_IOCTL.SET_IOMMU:
        if (!this.#inContainer) return -ERRNO.EINVAL;
        this.#hasIommu = true;
        return 0;
      case VFIO_IOCTL.DEVICE_RESET:
        return 0;
      default:
        return -ERRNO.ENOTTY;
    }
  }

  #structured(request: number, bytes: Uint8Array<ArrayBuffer>): number {
    switch (request) {
      case VFIO_IOCTL.GROUP_GET_STATUS:
        return put(
          bytes,
          structs.VfioGroupStatus.encode({
            argsz: 8,
            flags: { viable: this.#machine.viable ?? true },
          }),
        );
      case VFIO_IOCTL.GROUP_SET_CONTAINER:
        this.#inContainer = true;
        return 0;
      case VFIO_IOCTL.GROUP_GET_DEVICE_FD:
        return this.#hasIommu ? 30 : -ERRNO.EINVAL;
      case VFIO_IOCTL.DEVICE_GET_INFO:
        return put(
          bytes,
          structs.VfioDeviceInfo.encode({
            argsz: 20,
            flags: this.#machine.deviceFlags ?? 3,
            regions: 9,
            interrupts: this.#machine.interrupts ?? 5,
          }),
        );
      case VFIO_IOCTL.DEVICE_GET_REGION_INFO:
        return this.#region(bytes);
      case VFIO_IOCTL.DEVICE_GET_IRQ_INFO:
        return put(bytes, structs.VfioIrqInfo.encode({ argsz: 16, flags: 9, index: 4, count: 1 }));
      case VFIO_IOCTL.DEVICE_SET_IRQS:
        return 0;
      case VFIO_IOCTL.IOMMU_GET_INFO:
        return this.#iommuInfo(bytes);
      case VFIO_IOCTL.IOMMU_MAP_DMA:
        return 0;
      case VFIO_IOCTL.IOMMU_UNMAP_DMA: {
        const asked = structs.VfioDmaUnmap.decode(bytes);
        const size = this.#machine.unmapped ?? asked.size;
        return put(bytes, structs.VfioDmaUnmap.encode({ ...asked, size }));
      }
      default:
        return this.#iommufd(request, bytes);
    }
  }

  #region(bytes: Uint8Array<ArrayBuffer>): number {
    const { barBytes = 0x4000n, barFlags = 0xf, areas } = this.#machine;
    const { index } = structs.VfioRegionInfo.decode(bytes);
    const { size, header } = {
      size: structs.VfioRegionInfo.size,
      header: { version: 1, next: 0 },
    };
    if (index === 7) {
      const offset = CONFIG_OFFSET;
      return put(
        bytes,
        structs.VfioRegionInfo.encode({
          argsz: size,
          flags: 3,
          index,
          size: CONFIG_BYTES,
          offset,
        }),
      );
    }
    const capability = areas === undefined
      ? [structs.VfioInfoCapHeader.encode({ id: 3, ...header })]
      : [
        structs.VfioSparseMmap.encode({ header: { id: 1, ...header }, areas: areas.length }),
        ...areas.map(([offset, bytes]) =>
          structs.VfioSparseMmapArea.encode({ offset, size: bytes })
        ),
      ];
    return putWith(bytes, capability, (argsz, capOffset) =>
      structs.VfioRegionInfo.encode({
        argsz,
        flags: barFlags,
        index,
        capOffset,
        size: barBytes,
      }));
  }

  #iommuInfo(bytes: Uint8Array<ArrayBuffer>): number {
    const { pageSizes = 0x4020_1000n, iommuCapabilities, ranges = QEMU_RANGES } = this.#machine;
    const capabilities = iommuCapabilities === undefined
      ? [
        structs.VfioIovaRanges.encode({
          header: { id: 1, version: 1, next: 24 + 16 + ranges.length * 16 },
          ranges: ranges.length,
        }),
        ...ranges.map(([start, end]) => structs.VfioIovaRange.encode({ start, end })),
        structs.VfioDmaAvail.encode({ header: { id: 3, version: 1 }, available: 65535 }),
      ]
      : [iommuCapabilities];
    return putWith(
      bytes,
      capabilities,
      (argsz, capOffset) => structs.VfioIommuInfo.encode({ argsz, flags: 3, pageSizes, capOffset }),
    );
  }

  #iommufd(request: number, bytes: Uint8Array<ArrayBuffer>): number {
    const { VFIO_CDEV_IOCTL: CDEV, IOMMUFD_IOCTL: IOMMU } = iommufd;
    const { ranges = QEMU_RANGES } = this.#machine;
    switch (request) {
      case CDEV.BIND_IOMMUFD:
      case CDEV.ATTACH_IOMMUFD_PT:
      case CDEV.DETACH_IOMMUFD_PT:
      case IOMMU.DESTROY:
      case IOMMU.IOAS_MAP:
        return 0;
      case IOMMU.IOAS_ALLOC:
        return put(bytes, iommufd.IommuIoasAlloc.encode({ size: 12, ioasId: 2 }));
      case IOMMU.IOAS_UNMAP: {
        const asked = iommufd.IommuIoasUnmap.decode(bytes);
        const length = this.#machine.unmapped ?? asked.length;
        return put(bytes, iommufd.IommuIoasUnmap.encode({ ...asked, length }));
      }
      case IOMMU.IOAS_IOVA_RANGES: {
        const asked = iommufd.IommuIoasIovaRanges.decode(bytes);
        const answer = { ...asked, count: ranges.length, alignment: 4096n };
        put(bytes, iommufd.IommuIoasIovaRanges.encode(answer));
        if (ranges.length > asked.count) return -ERRNO.EMSGSIZE;
        const into = new Uint8Array(this.#memories.get(asked.address) ?? new ArrayBuffer(0));
        ranges.forEach(([start, last], at) =>
          into.set(iommufd.IommuIovaRange.encode({ start, last }), 16 * at)
        );
        return 0;
      }
      default:
        return -ERRNO.ENOTTY;
    }
  }
}

function put(bytes: Uint8Array, answer: Uint8Array): number {
  bytes.set(answer);
  return 0;
}

/** As the kernel does it: what does not fit is left out, and `argsz` says what it would need. */
function putWith(
  bytes: Uint8Array,
  capabilities: readonly Uint8Array[],
  encode: (argsz: number, capOffset: number) => Uint8Array,
): number {
  const fixed = encode(0, 0).length;
  const needed = capabilities.reduce((sum, part) => sum + part.length, fixed);
  const fits = needed <= bytes.length;
  bytes.set(encode(needed, fits ? fixed : 0));
  let at = fixed;
  for (const part of fits ? capabilities : []) {
    bytes.set(part, at);
    at += part.length;
  }
  return 0;
}
