// Gives the suites in tests/vm one guest with a standard set of drives, and nvmectl in it.

import {
  boot,
  type BootOptions,
  type Disk,
  type Drive,
  type Guest,
  GuestUnavailable,
  quote,
  type RunOptions,
} from "../../scripts/vm/guest.ts";
import { checkoutPath } from "../../scripts/vm/host.ts";
import { installGuestTools } from "../../scripts/vm/install.ts";

const MIB = 1024 * 1024;
const NVMECTL = "/usr/local/bin/nvmectl";
/** The first start of nvmectl reads its 97 MB, on a machine that may be busy. */
const NVMECTL_TIMEOUT_MS = 60_000;

/** Serial numbers of the standard drives. */
export const SERIAL = {
  /** One namespace: 64 MiB in blocks of 512 bytes. Its root port allows it to be unplugged. */
  plain: "NVMECTL0001",
  /** Two namespaces of 32 MiB: blocks of 512 bytes, and of 4096 bytes with 8 of metadata. */
  two: "NVMECTL0002",
  /** Two controllers of one NVM subsystem that share a namespace of 32 MiB. */
  shared: "NVMECTL0003",
} as const;

/** Index in {@linkcode STANDARD_DRIVES} is the number for `driveId`. */
export const STANDARD_DRIVES: readonly Drive[] = [
  { serial: SERIAL.plain, namespaces: [{ bytes: 64 * MIB }] },
  {
    serial: SERIAL.two,
    namespaces: [{ bytes: 32 * MIB }, { bytes: 32 * MIB, blockBytes: 4096, metadataBytes: 8 }],
  },
  {
    serial: SERIAL.shared,
    subsystem: "shared",
    namespaces: [{ bytes: 32 * MIB, shared: true }],
  },
  { serial: SERIAL.shared, subsystem: "shared", namespaces: [] },
];

/** `/dev/vda`: a block device that is no NVMe drive. */
export const STANDARD_DISKS: readonly Disk[] = [{ bytes: 16 * MIB, serial: "NOT-NVME" }];

/** An ordinary user of the guest, who may not open its drives. */
export const ORDINARY_USER = "nobody";

/** Why this machine can have no guest, or undefined. Asking fetches what is missing. */
export const unavailable: string | undefined = await installGuestTools(report).then(
  () => undefined,
  (error) => {
    if (!(error instanceof GuestUnavailable)) throw error;
    report(error.message);
    return error.message;
  },
);

let shared: Promise<Guest> | undefined;

/** The one guest of this test file, booted when first asked for; it ends with the process. */
export function sharedGuest(): Promise<Guest> {
  shared ??= bootWithNvmectl({ drives: STANDARD_DRIVES, disks: STANDARD_DISKS });
  return shared;
}

/** A guest of one's own, with nvmectl in it; the caller closes it. */
export async function bootWithNvmectl(options: BootOptions): Promise<Guest> {
  const guest = await boot(options, report);
  if (options.image !== "rescue") await guest.put(checkoutPath("build/nvmectl"), NVMECTL);
  return guest;
}

/**
 * Registers a test that gets the shared guest; it is ignored where there can be no guest.
 * Suites that one test file imports share a guest; another test file has modules, so a guest, of
 * its own.
 *
 * @param get the shared guest, where it is another than usual
 */
export function guestTest(
  name: string,
  run: (guest: Guest) => Promise<void>,
  get: () => Promise<Guest> = sharedGuest,
): void {
  Deno.test({
    name,
    ignore: unavailable !== undefined,
    // The guest outlives the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run(await get()),
  });
}

/** What nvmectl did in a guest. */
export interface NvmectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The bytes of stdout, for `-o raw`. */
  readonly stdoutBytes: Uint8Array<ArrayBuffer>;
}

/** Runs nvmectl in the guest with exactly these arguments. */
export async function nvmectl(
  guest: Guest,
  args: readonly string[],
  options: RunOptions = {},
): Promise<NvmectlResult> {
  const script = ["exec nvmectl", ...args.map(quote)].join(" ");
  return await guest.run(script, { timeoutMs: NVMECTL_TIMEOUT_MS, ...options });
}

/** Runs a script in the guest that must succeed, and returns its standard output. */
export async function shell(
  guest: Guest,
  script: string,
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await guest.run(script, options);
  if (code === 0) return stdout;
  throw new Error(`Cannot run "${script}" in the test guest: status ${code}, ${stderr.trim()}`);
}

/** The character devices of the controllers with this serial number, for example `/dev/nvme0`. */
export async function controllers(guest: Guest, serial: string): Promise<readonly string[]> {
  // Lines such as "/sys/class/nvme/nvme0/serial:NVMECTL0001".
  const listing = await shell(guest, "grep -H . /sys/class/nvme/nvme*/serial");
  return listing.split("\n").flatMap((line) => {
    const [, name, found] = /\/(nvme\d+)\/serial:(.*)$/.exec(line) ?? [];
    return name !== undefined && found?.trim() === serial ? [`/dev/${name}`] : [];
  }).sort();
}

/** The one controller with this serial number. The kernel numbers drives in no certain order. */
export async function controller(guest: Guest, serial: string): Promise<string> {
  const [path, ...others] = await controllers(guest, serial);
  if (path !== undefined && others.length === 0) return path;
  throw new Error(`Cannot find the drive ${serial}: ${others.length + (path ? 1 : 0)} have it`);
}

function report(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`test guest: ${line}\n`));
}
