// What QEMU's drives see of their driver: every register access and every command, as QEMU's trace
// has it, and the rules that a driver must keep.

import type { BootOptions, Guest } from "./guest.ts";

/** What is written down while a drive is watched. */
const PATTERNS = [
  "pci_nvme_mmio_*",
  "pci_nvme_admin_cmd",
  "pci_nvme_io_cmd",
  "pci_nvme_setfeat",
] as const;
/** What the specification leaves undefined: written down always, whoever does it. */
const UNDEFINED = "pci_nvme_ub_*";

/** Registers and bits of CC [BASE-2.1 §3.1.4.5]. */
const CC = 0x14;
const DOORBELLS = 0x1000;
const ENABLE = 1;
const SHUTDOWN = 3 << 14;
const NORMAL = 1 << 14;

/** One access to a drive's registers. */
export interface Access {
  readonly kind: "read" | "write";
  readonly offset: number;
  /** Bytes. */
  readonly width: number;
  /** What was written. */
  readonly data: bigint | undefined;
}

/** One command that a drive was sent. */
export interface SeenCommand {
  readonly queue: "admin" | "io";
  readonly opcode: number;
}

/** What a drive has seen. */
export interface Seen {
  /** Events of undefined behaviour, as QEMU has them. */
  readonly undefinedBehaviour: readonly string[];
  readonly accesses: readonly Access[];
  readonly commands: readonly SeenCommand[];
  /** Features that were set. */
  readonly features: readonly number[];
}

/** Reads QEMU's lines: `pci_nvme_mmio_write addr 0x14 data 0x460001 size 4`. */
export function parseDriveTrace(text: string): Seen {
  const undefinedBehaviour: string[] = [];
  const accesses: Access[] = [];
  const commands: SeenCommand[] = [];
  const features: number[] = [];
  for (const line of text.split("\n")) {
    const [, event, rest = ""] = /(pci_nvme_\w+) ?(.*)$/.exec(line) ?? [];
    if (event === undefined) continue;
    if (event.startsWith("pci_nvme_ub_")) undefinedBehaviour.push(`${event} ${rest}`);
    const access = /^addr 0x([0-9a-f]+)(?: data 0x([0-9a-f]+))? size (\d+)/.exec(rest);
    if (access && (event === "pci_nvme_mmio_read" || event === "pci_nvme_mmio_write")) {
      const [, offset = "", data, width] = access;
      accesses.push({
        kind: event === "pci_nvme_mmio_read" ? "read" : "write",
        offset: parseInt(offset, 16),
        width: Number(width),
        data: data === undefined ? undefined : BigInt(`0x${data}`),
      });
    }
    const feature = /^.* fid 0x([0-9a-f]+)/.exec(rest)?.[1];
    if (feature !== undefined && event === "pci_nvme_setfeat") features.push(parseInt(feature, 16));
    const opcode = / opc 0x([0-9a-f]+)/.exec(rest)?.[1];
    if (opcode === undefined) continue;
    commands.push({
      queue: event === "pci_nvme_io_cmd" ? "io" : "admin",
      opcode: parseInt(opcode, 16),
    });
  }
  return { undefinedBehaviour, accesses, commands, features };
}

/** How often controllers were enabled, shut down in order, and disabled without that before. */
export function controllerLives({ accesses }: Seen): {
  readonly enabled: number;
  readonly shutDown: number;
  readonly cutOff: number;
} {
  let [enabled, shutDown, cutOff] = [0, 0, 0];
  let last = 0;
  for (const { kind, offset, data } of accesses) {
    if (kind !== "write" || offset !== CC || data === undefined) continue;
    const now = Number(data);
    if (now & ENABLE && (now & SHUTDOWN) === NORMAL) shutDown++;
    else if (now & ENABLE) enabled++;
    else if (last & ENABLE && (last & SHUTDOWN) !== NORMAL) cutOff++;
    last = now;
  }
  return { enabled, shutDown, cutOff };
}

/** Accesses that a controller does not have to understand. */
export function wrongAccesses({ accesses }: Seen): readonly Access[] {
  return accesses.filter(({ kind, offset, width }) =>
    (width !== 4 && width !== 8) || (kind === "read" && offset >= DOORBELLS)
  );
}

/** Doorbells that were rung. */
export function doorbellWrites({ accesses }: Seen): number {
  return accesses.filter(({ kind, offset }) => kind === "write" && offset >= DOORBELLS).length;
}

/** Registers that were read. */
export function registerReads({ accesses }: Seen): number {
  return accesses.filter(({ kind }) => kind === "read").length;
}

/** The trace of a guest, in a file of the host that is there as long as this object. */
export class DriveTrace implements Disposable {
  readonly #file = Deno.makeTempFileSync({ prefix: "nvmectl-drive-trace-", suffix: ".txt" });

  /** What the guest has to be booted with. */
  bootOptions(): NonNullable<BootOptions["trace"]> {
    return { patterns: [UNDEFINED], file: this.#file };
  }

  /** Has everything written down while something goes on, and tells what that was. */
  async during<T>(
    guest: Guest,
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly seen: Seen }> {
    const { size } = await Deno.stat(this.#file);
    await this.#switch(guest, true);
    try {
      const result = await work();
      return { result, seen: parseDriveTrace(await this.#text(size)) };
    } finally {
      await this.#switch(guest, false);
    }
  }

  /** Everything that was written down. */
  async read(): Promise<Seen> {
    return parseDriveTrace(await this.#text(0));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#file);
  }

  async #text(from: number): Promise<string> {
    using file = await Deno.open(this.#file);
    await file.seek(from, Deno.SeekMode.Start);
    return await new Response(file.readable).text();
  }

  async #switch(guest: Guest, enable: boolean): Promise<void> {
    for (const name of PATTERNS) {
      await guest.qmp("trace-event-set-state", { name, enable });
    }
  }
}
