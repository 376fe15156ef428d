// A guest with an IOMMU, for the suites that take drives from the kernel, and what QEMU writes down
// of what its drives see meanwhile.

import { assertEquals } from "@std/assert";
import { DriveTrace } from "../../scripts/vm/drive_trace.ts";
import { type Drive, type Guest, type RunOptions } from "../../scripts/vm/guest.ts";
import { bootWithNvmectl, nvmectl, type NvmectlResult, shell, unavailable } from "./guest.ts";

const MIB = 1024 * 1024;

/** Serial numbers of the guest's drives. */
export const IOMMU_SERIAL = {
  /** Alone in its IOMMU group. */
  alone: "IOMMU0001",
  /** Two functions of one slot, and so of one group. */
  first: "IOMMU0002",
  second: "IOMMU0003",
  /** A namespace for each shape of blocks: {@linkcode SHAPES}. */
  shapes: "IOMMU0004",
  /** To be written to. */
  writable: "IOMMU0005",
  /** Some of its sectors cannot be read until something is written: {@linkcode BAD_SECTORS}. */
  bad: "IOMMU0006",
} as const;

/** The shape of a namespace's blocks. */
export interface Shape {
  readonly nsid: number;
  readonly blocks: number;
  readonly blockBytes: 512 | 4096;
  readonly metadataBytes: 0 | 8;
  /** Whether the metadata follows each block's data, for the host. */
  readonly isExtended: boolean;
}

/** The namespaces of the drive {@linkcode IOMMU_SERIAL.shapes}. */
export const SHAPES: readonly Shape[] = [
  { nsid: 1, blocks: 98_304, blockBytes: 512, metadataBytes: 0, isExtended: false },
  { nsid: 2, blocks: 65_792, blockBytes: 4096, metadataBytes: 0, isExtended: false },
  { nsid: 3, blocks: 4096, blockBytes: 4096, metadataBytes: 8, isExtended: false },
  { nsid: 4, blocks: 4096, blockBytes: 4096, metadataBytes: 8, isExtended: true },
  { nsid: 5, blocks: 16_384, blockBytes: 512, metadataBytes: 8, isExtended: true },
];

/** Sectors of the drive {@linkcode IOMMU_SERIAL.bad} that cannot be read, of 65,536. */
export const BAD_SECTORS: readonly number[] = [100, 101, 5000, 65_535];

const DRIVES: readonly Drive[] = [
  { serial: IOMMU_SERIAL.alone, namespaces: [{ bytes: 64 * MIB }] },
  { serial: IOMMU_SERIAL.first, namespaces: [{ bytes: 32 * MIB }] },
  { serial: IOMMU_SERIAL.second, namespaces: [{ bytes: 32 * MIB }], slotOf: 1 },
  {
    serial: IOMMU_SERIAL.shapes,
    namespaces: SHAPES.map(({ blocks, blockBytes, metadataBytes, isExtended }) => ({
      bytes: blocks * blockBytes,
      blockBytes,
      metadataBytes,
      properties: { mset: isExtended ? 1 : 0 },
    })),
  },
  { serial: IOMMU_SERIAL.writable, namespaces: [{ bytes: 16 * MIB }] },
  {
    serial: IOMMU_SERIAL.bad,
    namespaces: [{
      bytes: 32 * MIB,
      faults: BAD_SECTORS.map((sector) => ({ event: "read_aio", errno: 5, sector, once: false })),
      writeEndsFaults: true,
    }],
  },
];

/** The place of a drive in the guest's list, for `imagePath`. */
export function driveNumber(serial: string): number {
  return DRIVES.findIndex((drive) => drive.serial === serial);
}

/** What QEMU tells of whatever drive is being watched. */
export const driveTrace = new DriveTrace();

// The guest ends with the process, and so does what it wrote.
globalThis.addEventListener("unload", () => driveTrace[Symbol.dispose]());

let shared: Promise<Guest> | undefined;

/** The one guest of this test file, booted when first asked for; it ends with the process. */
export function iommuGuest(): Promise<Guest> {
  shared ??= bootWithNvmectl({
    drives: DRIVES,
    iommu: true,
    trace: driveTrace.bootOptions(),
    // The kernel lets registers be seen behind its own driver.
    kernel: ["iomem=relaxed"],
  });
  return shared;
}

/** Registers a test that gets the guest; it is ignored where there can be no guest. */
export function iommuTest(name: string, run: (guest: Guest) => Promise<void>): void {
  Deno.test({
    name,
    ignore: unavailable !== undefined,
    // The guest outlives the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run(await iommuGuest()),
  });
}

/** The PCI address of the controller with this serial number, while the kernel has it. */
export async function addressOf(guest: Guest, serial: string): Promise<string> {
  const script = `for c in /sys/class/nvme/nvme*; do grep -q ${serial} $c/serial && ` +
    "basename $(readlink -f $c/device); done; true";
  const address = (await shell(guest, script)).trim();
  if (/^[0-9a-f:.]+$/.test(address)) return address;
  throw new Error(`Cannot find ${serial} among the kernel's drives: found "${address}"`);
}

/** The name of the driver that has a function now; empty where none has. */
export async function driverAt(guest: Guest, address: string): Promise<string> {
  const path = `/sys/bus/pci/devices/${address}/driver`;
  return (await shell(guest, `[ ! -e ${path} ] || basename $(readlink ${path})`)).trim();
}

/** Takes a drive from the kernel for some work, and gives it back, by nvmectl's own verbs. */
export async function whileBound(
  guest: Guest,
  serial: string,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const address = await addressOf(guest, serial);
  const bound = await nvmectl(guest, ["vfio", "bind", address, "--ignore", "signature"]);
  assertEquals(bound.code, 0, bound.stderr);
  try {
    await work(address);
  } finally {
    const back = await nvmectl(guest, ["vfio", "unbind", address]);
    assertEquals(back.code, 0, back.stderr);
  }
  assertEquals(await driverAt(guest, address), "nvme");
}

/** Runs nvmectl with a drive that is ours, while QEMU writes down what the drive sees. */
export async function overPci(
  guest: Guest,
  words: readonly string[],
  options: RunOptions = {},
): Promise<NvmectlResult> {
  const { result } = await driveTrace.during(guest, () => nvmectl(guest, words, options));
  return result;
}
