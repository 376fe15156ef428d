// How a test of a scenario goes: the fault begins, the guest does something, the kernel shows the
// effect, the fault ends, and everything is well again.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { guestTest, shell } from "../../../support/guest.ts";
import { ServedDrive } from "../../../support/served_drive.ts";

/** The serial number of `virtual:`. */
const SERIAL = "VIRTUAL0001";

/**
 * What every script can use: `$CTRL` and `$BLK` are the controller and its namespace, `$NAME` is
 * the namespace's name. Places and counts are in units of 4 KiB; nothing goes through the cache.
 */
const LIBRARY = `
BYTES=4096
put() { dd of=$BLK bs=4k seek=$1 oflag=direct conv=notrunc iflag=fullblock status=none; }
get() { dd if=$BLK bs=4k skip=$1 count=$\{2:-1} iflag=direct status=none; }
fill() { yes "$1" | head -c $((BYTES * $\{2:-1})); }
first() { get $1 | head -c $\{2:-3}; echo; }
took() { local start=$(date +%s%N); "$@" >/dev/null; echo $((($(date +%s%N) - start) / 1000000)); }
try() { if "$@" 2>/dev/null; then echo ok; else echo bad; fi; }
`;

/** The drive that all of these tests share, with the kernel connected to it. */
export interface Bench {
  readonly guest: Guest;
  readonly drive: ServedDrive;
  /** The controller, such as `/dev/nvme1`, and its namespace. */
  readonly device: string;
  readonly block: string;
  /** What makes the library's functions and variables known to a script. */
  readonly library: string;
  /** Runs a script that may use the library; what it writes, errors too. */
  run(script: string): Promise<{ readonly code: number; readonly stdout: string }>;
  /** Runs a script that must succeed. */
  must(script: string): Promise<string>;
  /** Connects again, with other options. */
  reconnect(options?: readonly string[]): Promise<void>;
}

let shared: Promise<Bench> | undefined;

/** The shared drive, served and connected when first asked for. */
export function bench(guest: Guest): Promise<Bench> {
  shared ??= begin(guest);
  return shared;
}

async function begin(guest: Guest): Promise<Bench> {
  // A controller that does not shut down is waited for no longer than it says itself, 2 s.
  await shell(guest, "echo 2 > /sys/module/nvme_core/parameters/shutdown_timeout");
  const drive = await ServedDrive.start(guest);
  await drive.connect();
  const [device] = await drive.controllers(SERIAL);
  assert(device);
  const block = `${device}n1`;
  const library = `CTRL=${device} BLK=${block} NAME=${block.slice(5)}\n${LIBRARY}\n`;
  const run: Bench["run"] = async (script) => {
    const { code, stdout } = await guest.run(`exec 2>&1; ${library}${script}`);
    return { code, stdout };
  };
  await drive.heal(device, block);
  return {
    guest,
    drive,
    device,
    block,
    library,
    run,
    must: async (script) => {
      const { code, stdout } = await run(script);
      assertEquals(code, 0, `${script}: ${stdout}`);
      return stdout;
    },
    reconnect: async (options) => {
      await drive.disconnect();
      await drive.connect(options);
      await drive.heal(device, block);
    },
  };
}

/** What is shown of a scenario. */
export interface Showing {
  /** As `nvmectl drive inject` takes it. */
  readonly inject: string;
  /** What happens before; must succeed. */
  readonly before?: string;
  /** What happens while the fault is there. */
  readonly run: string;
  /** Its exit status is not 0. */
  readonly fails?: boolean;
  /** What it writes. */
  readonly writes?: RegExp | string;
  /** What the kernel logs, in any order; an empty list for nothing about any drive. */
  readonly log?: readonly RegExp[];
  /** What happens after the fault; must succeed. */
  readonly after?: string;
  /** What that writes. */
  readonly afterwards?: RegExp | string;
}

/** What a kernel that notices something says. */
const NOTICED = /\b(nvme\d+(n\d+)?: |EXT4-fs (error|warning)|I\/O error|medium error|JBD2).*/;

/** A test of a scenario on the shared drive. */
export function showing(name: string, about: Showing): void {
  scenarioTest(name, async (bench) => await show(bench, about));
}

/** Goes through a showing. */
export async function show(bench: Bench, about: Showing): Promise<void> {
  const { drive, run, must, device, block } = bench;
  await drive.inject(about.inject, `${bench.library}${about.before ?? ""}`);
  const { code, stdout } = await run(about.run);
  const log = await drive.logs(about.log ?? []);
  assertEquals(code !== 0, about.fails ?? false, `${stdout}\n${log}`);
  writes(stdout, about.writes);
  if (about.log?.length === 0) assert(!NOTICED.test(log), log);
  if (about.after === undefined) return;
  await drive.heal(device, block);
  writes(await must(about.after), about.afterwards);
}

/** Compares what a script wrote with what it should have. */
export function writes(found: string, wanted: RegExp | string | undefined): void {
  if (typeof wanted === "string") assertEquals(found.trim(), wanted);
  else if (wanted) assertMatch(found, wanted);
}

/** A test on the shared drive, which is healthy before and after. */
export function scenarioTest(name: string, body: (bench: Bench) => Promise<void>): void {
  guestTest(name, async (guest) => {
    const shared = await bench(guest);
    try {
      await body(shared);
    } finally {
      await shared.drive.heal(shared.device, shared.block);
    }
  });
}
