// The registers of a controller behind the kernel's driver: mapped read-only beside it where it is
// a PCI function, asked for by Property Get where it is reached over a fabric.

import {
  FileDescriptor,
  MAP_SHARED,
  Mapping,
  O_RDONLY,
  PROT_READ,
  SysError,
} from "../../ffi/mod.ts";
import { UnreachableError } from "../errors.ts";
import { PROPERTY_SIZE } from "../spec/fabrics/property.ts";
import { decodeStatus } from "../spec/status/status.ts";
import type { Command, Completion, RegisterAccess } from "./transport.ts";

/** A controller of the kernel, by what sysfs says of it. */
export interface KernelController {
  /** `nvme0`. */
  readonly name: string;
  /** `pcie`, `tcp`, `rdma`, `fc`, `loop`; undefined where the kernel does not say. */
  readonly transport: string | undefined;
}

/** Register memory, mapped to be read. */
export interface MappedRegisters extends Disposable {
  /** Whole registers of 4 bytes; index 0 is CAP's lower half. */
  readonly words: Uint32Array;
}

/** What is needed of the machine. Tests put their own here. */
export interface RegisterMachine {
  /** A file's beginning; undefined where there is none, or it may not be read. */
  read(path: string, length: number): Uint8Array | undefined;
  /** Maps the beginning of a file. Throws SysError. */
  map(path: string, length: number): MappedRegisters;
}

/** Access that is given back with the transport. */
export type HeldRegisters = RegisterAccess & Disposable;

const FABRICS = 0x7f;
/** Fabrics command type of Property Get [BASE-2.1 §6, Fig. 540]. */
const PROPERTY_GET = 0x04;
/** Everything below the doorbells, so that none of them can be touched. */
const MAPPED_BYTES = 0x1000;
/** The command register in configuration space, and its bit Memory Space Enable [PCI-5.0 §7.5]. */
const COMMAND_AT = 4;
const MEMORY_SPACE = 0x02;
/** What the kernel calls the transports that carry capsules; over any other there is memory. */
const FABRIC_TRANSPORTS: readonly (string | undefined)[] = ["tcp", "rdma", "fc", "loop"];

/** The machine itself. */
export const systemRegisters: RegisterMachine = {
  read(path, length) {
    try {
      using file = FileDescriptor.open(path, O_RDONLY);
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, file.read(bytes));
    } catch (error) {
      if (error instanceof SysError) return undefined;
      throw error;
    }
  },
  map(path, length) {
    using file = FileDescriptor.open(path, O_RDONLY);
    const mapping = new Mapping({
      byteLength: length,
      protection: PROT_READ,
      flags: MAP_SHARED,
      fd: file.number,
    });
    return {
      words: new Uint32Array(mapping.buffer),
      [Symbol.dispose]: () => mapping[Symbol.dispose](),
    };
  },
};

/**
 * Opens a controller's registers for reading.
 *
 * @param submit sends an admin command to that controller
 * @throws UnreachableError where they cannot be had, with the reason
 */
export function openRegisters(
  { name, transport }: KernelController,
  submit: (command: Command) => Promise<Completion>,
  machine: RegisterMachine = systemRegisters,
): HeldRegisters {
  return FABRIC_TRANSPORTS.includes(transport)
    ? properties(submit)
    : mappedRegisters(name, machine);
}

/** The function's first region, in which the registers begin [PCIE-1.1 §3.8]. */
function mappedRegisters(name: string, machine: RegisterMachine): HeldRegisters {
  const device = `/sys/class/nvme/${name}/device`;
  checkDecoding(name, device, machine);
  const path = `${device}/resource0`;
  let memory: MappedRegisters;
  try {
    memory = machine.map(path, MAPPED_BYTES);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw refused(name, path, error);
  }
  // Plain elements of a Uint32Array: each is one access of 4 bytes, as registers want it.
  const word = (offset: number): bigint => BigInt(memory.words[offset >>> 2] ?? 0);
  return {
    model: "memory",
    read: (offset, width) =>
      Promise.resolve(width === 4 ? word(offset) : word(offset) | (word(offset + 4) << 32n)),
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}

/** Throws where the function does not answer to its addresses: every read would be all ones. */
function checkDecoding(name: string, device: string, machine: RegisterMachine): void {
  const config = machine.read(`${device}/config`, COMMAND_AT + 2);
  const [low, high] = [config?.[COMMAND_AT], config?.[COMMAND_AT + 1]];
  if (low === undefined || high === undefined) return;
  const gone = low === 0xff && high === 0xff;
  if (!gone && (low & MEMORY_SPACE) !== 0) return;
  throw new UnreachableError(
    `Cannot read the registers of ${name}: ${
      gone ? "the PCI function is gone" : "the memory decoding of the PCI function is off"
    }`,
    { next: "dmesg tells what the kernel saw; nvmectl list what is left" },
  );
}

function refused(name: string, path: string, error: SysError): UnreachableError {
  const { code } = error;
  const reasons: Readonly<Record<string, readonly [found: string, next: string]>> = {
    EACCES: ["only root may map them", "run nvmectl as root: sudo nvmectl …"],
    EPERM: [
      "the kernel does not let anybody map them: it is locked down",
      "/sys/kernel/security/lockdown says so; nvmectl vfio bind is a way without the kernel",
    ],
    EINVAL: [
      "the kernel keeps those of a function that has a driver to the driver",
      "boot with iomem=relaxed, or read them as pci:BDF after nvmectl vfio bind BDF",
    ],
    ENOENT: [`there is no ${path}`, "the drive may be gone: nvmectl list shows what is left"],
  };
  const [found, next] = reasons[code] ?? [error.message, "dmesg may say more"];
  const shown = found.includes(`(${code})`) ? found : `${found} (${code})`;
  return new UnreachableError(`Cannot read the registers of ${name}: ${shown}`, {
    next,
    code,
    cause: error,
  });
}

/** Properties by Property Get [BASE-2.1 §6.5]. One that the controller refuses is not there. */
function properties(submit: (command: Command) => Promise<Completion>): HeldRegisters {
  return {
    model: "message",
    async read(offset, width) {
      const { status, result } = await submit({
        queue: "admin",
        opcode: FABRICS,
        // Where other commands have their namespace, these have the type of the command.
        nsid: PROPERTY_GET,
        cdw10: width === 8 ? PROPERTY_SIZE.eightBytes : PROPERTY_SIZE.fourBytes,
        cdw11: offset,
      });
      const { type, code } = decodeStatus(status);
      if (type !== 0 || code !== 0) return undefined;
      return BigInt.asUintN(8 * width, result);
    },
    [Symbol.dispose]: () => {},
  };
}
