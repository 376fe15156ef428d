// Commands through the Linux kernel's NVMe driver, over the passthrough ioctls of a device node.

import {
  ERRNO,
  errnoName,
  errnoText,
  FileDescriptor,
  type IoctlOutcome,
  NVME_IOCTL,
  O_RDONLY,
  PageBuffer,
  PassthruCmd,
  PassthruCmd64,
  slowIoctl,
} from "../../ffi/mod.ts";
import { invariant, UnreachableError } from "../errors.ts";
import type { WaitingClock } from "./come_back.ts";
import type { BlockShape } from "./block_memory.ts";
import {
  kernelRefusal,
  reachable,
  refuseHostStatus,
  resetRefusal,
} from "./passthrough_refusals.ts";
import type { HeldRegisters } from "./passthrough_registers.ts";
import {
  type Command,
  type Completion,
  type DataBuffer,
  isLostCommand,
  type Queue,
  type RegisterAccess,
  type ResetKind,
  type Transport,
} from "./transport.ts";

/** An open device node that takes passthrough ioctls. Tests put a scripted one here. */
export interface PassthroughNode extends Disposable {
  readonly path: string;
  /** Sends one ioctl whose argument is the command structure; `slow` ones on another thread. */
  call(request: number, argument: Argument, slow: boolean): Promise<IoctlOutcome>;
  /** Memory that the kernel can hand to the drive. */
  allocate(length: number): AddressedBuffer;
}

/** Memory with the address that the kernel needs. */
export interface AddressedBuffer extends DataBuffer {
  readonly address: bigint;
}

/** The command structure and the memory its addresses point to. */
export interface Argument {
  readonly structure: AddressedBuffer;
  readonly data: readonly AddressedBuffer[];
}

/** How a passthrough transport is made. */
export interface PassthroughOptions {
  readonly node: PassthroughNode;
  /** The namespace that the node stands for, where it stands for one. */
  readonly nsid?: number | undefined;
  /** The node that takes I/O commands for a namespace, where the first one does not. */
  readonly openNamespace?: (nsid: number) => PassthroughNode | undefined;
  /** Opens the registers of the controller, to which `submit` sends admin commands. */
  readonly openRegisters?: (submit: Transport["submit"]) => Promise<HeldRegisters>;
  /** For waiting until a controller is back; without one nothing is waited for. */
  readonly clock?: WaitingClock;
}

/** Identify, and its data; Get Log Page, Get Features: no format is another after these. */
const IDENTIFY = 0x06;
const IDENTIFY_BYTES = 4096;
const ASKING: ReadonlySet<number> = new Set([IDENTIFY, 0x02, 0x0a]);
/** Firmware Commit, and its action that starts an image at once [BASE-2.1 §5.1.8, Fig. 181]. */
const FIRMWARE_COMMIT = 0x10;
const ACTIVATE_NOW = 3;
/** How long firmware may take to start, and how often it is looked whether it has. */
const START_LIMIT_MS = 60_000;
const START_PAUSE_MS = 100;
/** The kernel's answer where this user may not ask. */
const DENIED: readonly (string | undefined)[] = ["EACCES", "EPERM"];

interface Form {
  readonly request: number;
  readonly structure: typeof PassthruCmd | typeof PassthruCmd64;
}

// The 64-bit forms came with Linux 5.4; older kernels answer them with ENOTTY.
const FORMS: Readonly<Record<Queue, readonly Form[]>> = {
  admin: [
    { request: NVME_IOCTL.ADMIN64_CMD, structure: PassthruCmd64 },
    { request: NVME_IOCTL.ADMIN_CMD, structure: PassthruCmd },
  ],
  io: [
    { request: NVME_IOCTL.IO64_CMD, structure: PassthruCmd64 },
    { request: NVME_IOCTL.IO_CMD, structure: PassthruCmd },
  ],
};

/** A drive behind a node of the kernel's NVMe driver. */
export class PassthroughTransport implements Transport {
  readonly kind = "passthrough";
  readonly nsid?: number;
  readonly #node: PassthroughNode;
  readonly #namespaces = new Map<number, PassthroughNode>();
  readonly #openNamespace: PassthroughOptions["openNamespace"];
  readonly #openRegisters: PassthroughOptions["openRegisters"];
  readonly #clock: WaitingClock | undefined;
  #registers: HeldRegisters | undefined;
  /** What blocks move as; undefined where that is not known of a namespace. */
  readonly #shapes = new Map<number, BlockShape | undefined>();
  /** Until when firmware may be starting. */
  #startsUntil = 0;
  /** The first form that this kernel knows, found out by asking. */
  readonly #form: Record<Queue, number> = { admin: 0, io: 0 };

  constructor({ node, nsid, openNamespace, openRegisters, clock }: PassthroughOptions) {
    this.#node = node;
    this.#clock = clock;
    this.#openNamespace = openNamespace;
    this.#openRegisters = openRegisters;
    if (nsid !== undefined) this.nsid = nsid;
  }

  get target(): string {
    return this.#node.path;
  }

  allocate(length: number): DataBuffer {
    return reachable(() => this.#node.allocate(length));
  }

  /**
   * Sends one command. The kernel's answer of 0 or more is the drive's status; a refusal by the
   * kernel itself is an UnreachableError naming the error. Before the first one that moves blocks
   * of a namespace the drive is asked how large they are, because the kernel lets a drive use
   * memory behind what was given: UsageError for a command with less than it needs. While firmware
   * starts that was committed here, the kernel sends nothing, and what only asks is asked again.
   */
  async submit(command: Command): Promise<Completion> {
    if (command.queue === "io") await this.#requireMemory(command);
    else if (!ASKING.has(command.opcode)) this.#shapes.clear();
    for (;;) {
      try {
        const completion = await this.#send(command);
        if (this.#clock && completion.status === 0 && startsFirmware(command)) {
          this.#startsUntil = this.#clock.now() + START_LIMIT_MS;
        }
        return completion;
      } catch (error) {
        if (!this.#clock || !this.#isStarting(this.#clock, command, error)) throw error;
        await this.#clock.pause(START_PAUSE_MS);
      }
    }
  }

  /** Whether the kernel did not send a command because firmware starts, so that it may be again. */
  #isStarting(clock: WaitingClock, { queue, opcode }: Command, error: unknown): boolean {
    return queue === "admin" && ASKING.has(opcode) && isLostCommand(error) &&
      error.loss === "along" && clock.now() < this.#startsUntil;
  }

  async #send(command: Command): Promise<Completion> {
    const node = this.#nodeFor(command);
    const data = owned(command.data);
    const metadata = owned(command.metadata);
    const forms = FORMS[command.queue];
    for (let at = this.#form[command.queue]; at < forms.length; at++) {
      const form = forms[at] as Form;
      using structure = reachable(() => node.allocate(form.structure.size));
      structure.bytes.set(form.structure.encode(kernelCommand(command, data, metadata)));
      const memory = [data, metadata].filter((buffer) => buffer !== undefined);
      const argument = { structure, data: memory };
      const { result, errno } = await node.call(form.request, argument, command.slow ?? false);
      if (result < 0 && errno === ERRNO.ENOTTY && at + 1 < forms.length) continue;
      if (result < 0) throw kernelRefusal(node.path, command, errno);
      this.#form[command.queue] = at;
      refuseHostStatus(node.path, result);
      return { status: result, result: BigInt(form.structure.decode(structure.bytes).result) };
    }
    throw kernelRefusal(node.path, command, ERRNO.ENOTTY);
  }

  /** Opens the controller's registers, which are given back with the transport. */
  async registers(): Promise<RegisterAccess> {
    if (!this.#openRegisters) {
      throw new UnreachableError(
        `Cannot read the registers of ${this.target}: which controller it is, is not known`,
      );
    }
    return this.#registers ??= await this.#openRegisters((command) => this.submit(command));
  }

  /**
   * Makes the kernel reset the controller, which takes as long as the drive needs to be ready
   * again, or the NVM subsystem, which the kernel only begins: until the controller answers again
   * is waited here.
   */
  async reset(kind: ResetKind): Promise<void> {
    using nothing = reachable(() => this.#node.allocate(0));
    const argument = { structure: nothing, data: [] };
    const request = kind === "controller" ? NVME_IOCTL.RESET : NVME_IOCTL.SUBSYS_RESET;
    const { result, errno } = await this.#node.call(request, argument, true);
    if (result < 0) throw resetRefusal(this.target, kind, errno);
    if (kind === "controller" || this.#clock === undefined) return;
    const { untilItAnswers } = await import("./come_back.ts");
    await untilItAnswers(this, this.#clock);
  }

  /** Makes the kernel look at the controller's namespaces again. */
  async rescan(): Promise<void> {
    using nothing = reachable(() => this.#node.allocate(0));
    const argument = { structure: nothing, data: [] };
    const { result, errno } = await this.#node.call(NVME_IOCTL.RESCAN, argument, true);
    if (result < 0 && errno !== ERRNO.ENOTTY) {
      throw new UnreachableError(
        `Cannot make the kernel look at ${this.target} again: ${errnoText(errno)}`,
        { code: errnoName(errno) },
      );
    }
  }

  async #requireMemory(command: Command): Promise<void> {
    const { movesBlocks, requireBlockMemory } = await import("./block_memory.ts");
    const { nsid = 0 } = command;
    if (nsid === 0 || !movesBlocks(command)) return;
    if (!this.#shapes.has(nsid)) this.#shapes.set(nsid, await this.#shapeOf(nsid));
    const shape = this.#shapes.get(nsid);
    if (shape !== undefined) requireBlockMemory(command, shape);
  }

  /** Asks how large a namespace's blocks are [BASE-2.1 §5.1.13.2.1, Fig. 311]. */
  async #shapeOf(nsid: number): Promise<BlockShape | undefined> {
    const { blockShape } = await import("./block_memory.ts");
    using data = reachable(() => this.#node.allocate(IDENTIFY_BYTES));
    try {
      const { status } = await this.submit({ queue: "admin", opcode: IDENTIFY, nsid, data });
      return status === 0 ? blockShape(data.bytes.slice()) : undefined;
    } catch (error) {
      // Who may not ask may not send more than the kernel itself lets through.
      if (error instanceof UnreachableError && DENIED.includes(error.code)) return undefined;
      throw error;
    }
  }

  #nodeFor({ queue, nsid }: Command): PassthroughNode {
    if (queue === "admin" || nsid === undefined || nsid === this.nsid) return this.#node;
    const known = this.#namespaces.get(nsid);
    if (known) return known;
    const opened = reachable(() => this.#openNamespace?.(nsid));
    if (!opened) return this.#node;
    this.#namespaces.set(nsid, opened);
    return opened;
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const node of [...this.#namespaces.values(), this.#node]) node[Symbol.dispose]();
    this.#registers?.[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** Opens a device node for passthrough. Throws ffi's SysError when the kernel does not let us. */
export function openNode(path: string): PassthroughNode {
  return nodeOn(FileDescriptor.open(path, O_RDONLY));
}

/** An open device as a node that takes passthrough commands; owns the descriptor from now on. */
export function nodeOn(file: FileDescriptor): PassthroughNode {
  return new SystemNode(file);
}

class SystemNode implements PassthroughNode {
  constructor(private readonly file: FileDescriptor) {}

  get path(): string {
    return this.file.path;
  }

  call(request: number, argument: Argument, slow: boolean): Promise<IoctlOutcome> {
    if (!slow) return Promise.resolve(this.file.tryIoctl(request, argument.structure.address));
    invariant(argument.structure instanceof PageBuffer, "the structure is not our memory");
    const data = argument.data.filter((buffer) => buffer instanceof PageBuffer);
    return slowIoctl({ file: this.file, request, argument: argument.structure, data });
  }

  allocate(length: number): AddressedBuffer {
    return new PageBuffer(length);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

function startsFirmware({ queue, opcode, cdw10 = 0 }: Command): boolean {
  return queue === "admin" && opcode === FIRMWARE_COMMIT && (cdw10 >>> 3 & 0x7) === ACTIVATE_NOW;
}

function owned(buffer: DataBuffer | undefined): AddressedBuffer | undefined {
  if (buffer === undefined) return undefined;
  invariant("address" in buffer, "a buffer of another transport was given to the kernel");
  return buffer as AddressedBuffer;
}

function kernelCommand(
  { opcode, flags, nsid, cdw2, cdw3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15, timeoutMs }: Command,
  data: AddressedBuffer | undefined,
  metadata: AddressedBuffer | undefined,
): Record<string, number | bigint> {
  return {
    opcode,
    flags: flags ?? 0,
    nsid: nsid ?? 0,
    cdw2: cdw2 ?? 0,
    cdw3: cdw3 ?? 0,
    cdw10: cdw10 ?? 0,
    cdw11: cdw11 ?? 0,
    cdw12: cdw12 ?? 0,
    cdw13: cdw13 ?? 0,
    cdw14: cdw14 ?? 0,
    cdw15: cdw15 ?? 0,
    timeoutMs: timeoutMs ?? 0,
    dataAddress: data?.address ?? 0n,
    dataBytes: data?.bytes.length ?? 0,
    metadataAddress: metadata?.address ?? 0n,
    metadataBytes: metadata?.bytes.length ?? 0,
  };
}
