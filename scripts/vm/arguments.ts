// Parses the command line of scripts/vm.ts.

import type { Drive, Namespace } from "./drives.ts";
import { quote } from "./guest.ts";

/** What the command line asks for. */
export interface VmRequest {
  readonly help: boolean;
  readonly drives: readonly Drive[];
  readonly image: "full" | "rescue";
  readonly iommu: boolean;
  readonly network: "none" | "host";
  readonly memoryMiB?: number;
  readonly traceFile?: string;
  readonly keepConsole: boolean;
  readonly timeoutMs: number;
  /** A script for the guest's shell; none asks for an interactive one. */
  readonly script?: string;
}

/** The command line makes no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The text of `--help`. */
export const HELP = `Boots a QEMU guest with NVMe drives and runs a command in it, as root.

  deno run -A scripts/vm.ts [OPTION]... [-- COMMAND [ARGUMENT]...]

The guest's root is this machine's, read only below a layer in memory, with build/nvmectl as
/usr/local/bin/nvmectl. A COMMAND of one word is a shell script. Its output appears when it ends.
Without a COMMAND the guest's console gets this terminal; "exit" powers the guest off.

  --drive SIZE[:lba=BYTES][:ms=BYTES][:serial=TEXT][:slot=N]
                   a drive with one namespace, for example 1G:lba=4096:ms=8; may be repeated.
                   lba is 512 or 4096, ms (metadata) is 0, 8, 16 or 64. slot=N makes it a further
                   function of drive N, counted from 1. Default: one of 64M
  --rescue         a guest with busybox, the C library and nvmectl, and nothing else
  --iommu          an emulated IOMMU, for vfio-pci
  --network        the guest reaches this machine's loopback services at 10.0.2.2
  --memory MIB     default 1024
  --trace FILE     QEMU's view of every register access and command
  --timeout SEC    limit for COMMAND, default 600
  --keep-console   leave the console's log in .tools/vm/console.log
  --help           this text

Exit status: COMMAND's; 2 wrong usage, 124 COMMAND took too long, 125 there is no guest.
`;

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const DEFAULT_DRIVES = ["64M"];
const DEFAULT_TIMEOUT_S = "600";

/** @throws {UsageError} */
export function parseArguments(args: readonly string[]): VmRequest {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const command = args.slice(end + 1);
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (let next = 0; next < end;) {
    const name = args[next++] ?? "";
    if (/^--(rescue|iommu|network|keep-console|help)$/.test(name)) {
      flags.add(name);
    } else if (/^--(drive|memory|trace|timeout)$/.test(name)) {
      const value = next < end ? args[next++] : undefined;
      if (value === undefined) throw new UsageError(`Cannot use ${name}: it needs a value`);
      values.set(name, [...values.get(name) ?? [], value]);
    } else {
      throw new UsageError(`Cannot use "${name}": no such option; a command comes after --`);
    }
  }
  const memory = values.get("--memory")?.at(-1);
  const traceFile = values.get("--trace")?.at(-1);
  const timeout = values.get("--timeout")?.at(-1) ?? DEFAULT_TIMEOUT_S;
  return {
    help: flags.has("--help"),
    drives: (values.get("--drive") ?? DEFAULT_DRIVES).map(parseDrive),
    image: flags.has("--rescue") ? "rescue" : "full",
    iommu: flags.has("--iommu"),
    network: flags.has("--network") ? "host" : "none",
    keepConsole: flags.has("--keep-console"),
    timeoutMs: parseCount("--timeout", timeout) * 1000,
    ...(memory === undefined ? {} : { memoryMiB: parseCount("--memory", memory) }),
    ...(traceFile === undefined ? {} : { traceFile }),
    ...(command.length === 0 ? {} : { script: scriptOf(command) }),
  };
}

/** `64M:lba=4096:ms=8:serial=A1`; the serial number's default counts the drives from 1. */
export function parseDrive(text: string, index: number): Drive {
  const [size = "", ...settings] = text.split(":");
  let serial = `VM${String(index + 1).padStart(4, "0")}`;
  let namespace: Namespace = { bytes: parseSize(size) };
  let slot: { readonly slotOf?: number } = {};
  for (const setting of settings) {
    const [name, value = ""] = setting.split("=");
    if (name === "serial") serial = value;
    else if (name === "lba") namespace = { ...namespace, blockBytes: oneOf(value, [512, 4096]) };
    else if (name === "ms") {
      namespace = { ...namespace, metadataBytes: oneOf(value, [0, 8, 16, 64]) };
    } else if (name === "slot") {
      slot = { slotOf: parseCount("slot", value) - 1 };
    } else {
      throw new UsageError(
        `Cannot make drive ${text}: "${setting}" is no lba=, ms=, serial=, slot=`,
      );
    }
  }
  return { serial, namespaces: [namespace], ...slot };
}

/** Bytes, or with a unit: 512K, 64M, 1G. */
export function parseSize(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit] ?? 0);
  if (bytes > 0) return bytes;
  throw new UsageError(`Cannot use size "${text}": need a number with K, M, G or nothing`);
}

function parseCount(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot use ${name} ${text}: need a whole number above 0`);
}

function oneOf<const N extends number>(text: string, choices: readonly N[]): N {
  const choice = choices.find((number) => String(number) === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`Cannot use "${text}": need one of ${choices.join(", ")}`);
}

function scriptOf([first = "", ...rest]: readonly string[]): string {
  return rest.length === 0 ? first : [first, ...rest].map(quote).join(" ");
}
