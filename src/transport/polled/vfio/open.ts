// Takes an NVMe function through VFIO: opens it, maps its registers, gives it memory.

import { SysError } from "../../../../ffi/sys_error.ts";
import { VFIO_IOCTL, VFIO_PCI_REGION, VfioChainError } from "../../../../ffi/vfio.ts";
import { MalformedError, UnreachableError } from "../../../errors.ts";
import { TruncatedError } from "../../../layout/mod.ts";
import type { Backing, ConfigSpace, RegisterSpace } from "../backing.ts";
import type { PollClock } from "../poll_clock.ts";
import { Arena } from "./arena.ts";
import { mappedRegisters } from "./bar.ts";
import { fileConfigSpace } from "./config_space.ts";
import { openInContainer } from "./container.ts";
import { type DeviceInfo, readDevice, readRegion, watchRequests } from "./device.ts";
import { openWithIommufd } from "./iommufd_session.ts";
import { placeArena } from "./iova.ts";
import type { Holder, KernelFile, VfioKernel } from "./kernel.ts";
import { readFunction } from "./pci_function.ts";
import { notAnAddress, refusalOf, refusedCall } from "./refusals.ts";
import { send } from "./request.ts";
import type { Opening, Session } from "./session.ts";
import { systemKernel } from "./system_kernel.ts";

/** How a function is opened. */
export interface VfioOptions {
  readonly clock: PollClock;
  /** The processes that have a file open, for the error that says so. */
  holders(path: string): readonly Holder[];
  /** Where the drive sees its memory begin; undefined for 4 GiB, or where there is room. */
  readonly iovaBase?: bigint | undefined;
  /** Bytes of memory for the drive; 4 MiB unless given, which is under the usual memlock limit. */
  readonly arenaBytes?: number;
  /** Ends the wait for a node that is not there yet. */
  readonly signal?: AbortSignal;
  /** How long that wait may be; 2 s unless given. */
  readonly nodeLimitMs?: number;
  /** The machine's own unless given. */
  readonly kernel?: VfioKernel;
}

const ARENA_BYTES = 4 * 1024 * 1024;
const NODE_LIMIT_MS = 2000;
const BDF = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;

/** The registers, without doorbells [BASE-2.1 §3.1.4]. */
const REGISTERS_BYTES = 0x1000n;
/** No queue that this driver makes has its doorbells behind this. */
const MAPPED_MAX_BYTES = 16n * 1024n * 1024n;

/** The dword with the class code above the revision [PCI-5.0 §7.5.1.1.6]. */
const CLASS_AT = 0x08;
/** Mass storage, NVM, with an I/O or an administrative controller [PCIE-1.1 §3.8]. */
const NVME_CLASSES: ReadonlySet<number> = new Set([0x010802, 0x010803]);

/**
 * Opens a function that is bound to vfio-pci, by its address: `0000:06:00.0`.
 *
 * Its controller is left as it is. IOMMUFD is used where the kernel has it for this function, the
 * group interface everywhere else.
 *
 * @throws {UsageError} for what is no address, and for an `iovaBase` that the IOMMU does not have
 * @throws {UnreachableError} where it cannot be opened, with the reason and the next step; nothing
 *   stays open or mapped then
 */
export async function openVfio(bdf: string, options: VfioOptions): Promise<Backing> {
  if (!BDF.test(bdf)) throw notAnAddress(bdf);
  const opening: Opening = {
    kernel: options.kernel ?? systemKernel(),
    bdf,
    clock: options.clock,
    signal: options.signal,
    nodeLimitMs: options.nodeLimitMs ?? NODE_LIMIT_MS,
    holders: (path) => options.holders(path),
  };
  try {
    using stack = new DisposableStack();
    const session = stack.use(await openSession(opening));
    return backingOf(opening, session, options, stack);
  } catch (error) {
    if (error instanceof SysError) throw refusedCall(bdf, error);
    if (!(error instanceof VfioChainError || error instanceof TruncatedError)) throw error;
    throw new MalformedError(`Cannot open pci:${bdf}: ${error.message}`, { cause: error });
  }
}

async function openSession(opening: Opening): Promise<Session> {
  const { kernel, bdf } = opening;
  const found = readFunction(kernel, bdf);
  const refusal = refusalOf(found, kernel);
  if (refusal !== undefined || found.group === undefined) throw refusal;
  const { group, node } = found;
  if (node === undefined) return await openInContainer(opening, group);
  try {
    return await openWithIommufd(opening, node, group);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    // Who was given the group's node, as is usual, need not have been given these as well.
    return await openInContainer(opening, group).catch((other) => {
      throw isForbidden(other) ? other : error;
    });
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof UnreachableError && (error.code === "EACCES" || error.code === "EPERM");
}

/** Moves what it needs out of the stack once nothing can fail any more. */
function backingOf(
  { kernel, bdf }: Opening,
  { device, space }: Session,
  { iovaBase, arenaBytes = ARENA_BYTES }: VfioOptions,
  stack: DisposableStack,
): Backing {
  const info = readDevice(device);
  const config = fileConfigSpace(bdf, device, readRegion(device, VFIO_PCI_REGION.CONFIG));
  requireNvme(bdf, info, config);
  const bar0 = mapRegisters(kernel, bdf, device, stack);
  const pageBytes = kernel.pageBytes();
  const unit = Math.max(pageBytes, Number(space.limits.unitBytes));
  const bytes = Math.ceil(arenaBytes / unit) * unit;
  const iova = placeArena(space.limits, { bytes, base: iovaBase });
  const request = stack.use(watchRequests(kernel, device, info));
  const memory = stack.use(kernel.mapMemory(bytes));
  // The last step that can fail, so that its undoing never hides another failure.
  space.map(memory, { iova, bytes });
  stack.defer(() => space.unmap({ iova, bytes }));
  const dma = new Arena({ memory, iova, pageBytes });
  const opened = stack.move();
  let asked = false;
  return {
    target: `pci:${bdf}`,
    config,
    bar0,
    dma,
    ...(info.flags.reset ? { reset: () => resetFunction(bdf, device) } : {}),
    ...(request === undefined ? {} : { asked: () => asked ||= request.take() }),
    close: () => opened.dispose(),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

function requireNvme(bdf: string, { flags }: DeviceInfo, config: ConfigSpace): void {
  const next = "nvmectl vfio status shows the NVMe functions of this machine";
  if (!flags.pci) throw new UnreachableError(`Cannot use pci:${bdf}: it is no PCI function`);
  const value = config.read(CLASS_AT, 4);
  if (value === 0xffff_ffff) {
    throw new UnreachableError(
      `Cannot reach pci:${bdf}: the device is gone, its configuration space reads all ones`,
      { next: "look for it with lspci; a rescan or a power cycle of its slot may bring it back" },
    );
  }
  const code = value >>> 8;
  if (NVME_CLASSES.has(code)) return;
  throw new UnreachableError(
    `Cannot use pci:${bdf}: it is not an NVMe controller, its class is 0x${
      code.toString(16).padStart(6, "0")
    }, need 0x010802 or 0x010803`,
    { next },
  );
}

function mapRegisters(
  kernel: VfioKernel,
  bdf: string,
  device: KernelFile,
  stack: DisposableStack,
): RegisterSpace {
  const { offset, size, mappableBytes, canRead, canWrite } = readRegion(
    device,
    VFIO_PCI_REGION.BAR0,
  );
  const bytes = mappableBytes < MAPPED_MAX_BYTES ? mappableBytes : MAPPED_MAX_BYTES;
  if (bytes < REGISTERS_BYTES || !canRead || !canWrite) {
    const state = size === 0n
      ? "base address register 0 has no memory"
      : `of its ${size} bytes of registers, ${mappableBytes} can be mapped`;
    throw new UnreachableError(`Cannot use pci:${bdf}: ${state}, need ${REGISTERS_BYTES}`, {
      next: size === 0n
        ? "lspci -v shows whether the firmware gave it memory"
        : "dmesg may say why",
    });
  }
  const memory = stack.use(kernel.mapDevice(device, offset, Number(bytes)));
  return mappedRegisters(memory.buffer, kernel.arch);
}

function resetFunction(bdf: string, device: KernelFile): void {
  try {
    send(device, VFIO_IOCTL.DEVICE_RESET);
  } catch (error) {
    throw error instanceof SysError ? refusedCall(bdf, error) : error;
  }
}
