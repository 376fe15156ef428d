// Opens and closes a drive over pci: many times in one process, and tells what that leaves behind.
// Words: the address, and how many times.

// deno-lint-ignore-file no-console

import { Drive } from "../../../src/controller/drive.ts";
import { identifyController } from "../../../src/controller/identify.ts";
import { openPci } from "../../../src/open/pci.ts";

const [address = "", times = "1"] = Deno.args;
const LOOKS = 5;
const descriptors: number[] = [];
const mappings: number[] = [];
const pinnedKiB: number[] = [];
let serial = "";

for (let cycle = 1; cycle <= Number(times); cycle++) {
  const { transport } = await openPci(address, {
    signal: new AbortController().signal,
    iovaBase: undefined,
    queueDepth: undefined,
    authorize: () => Promise.reject(new Error("nothing but reads is sent here")),
  });
  {
    await using drive = transport;
    using block = drive.allocate(4096);
    serial = (await identifyController(new Drive(drive))).sn.trim();
    // A read of one block, so that there are I/O queues to take down.
    const read = { queue: "io", opcode: 2, nsid: 1, direction: "in", data: block } as const;
    const { status } = await drive.submit(read);
    if (status !== 0) throw new Error(`Cannot read: status ${status}`);
  }
  if (cycle % Math.ceil(Number(times) / LOOKS) === 0) look();
}
console.log(
  JSON.stringify({ cycles: Number(times), serial, descriptors, mappings, pinnedKiB }),
);

function look(): void {
  descriptors.push([...Deno.readDirSync("/proc/self/fd")].length);
  const maps = Deno.readTextFileSync("/proc/self/maps").split("\n");
  mappings.push(maps.filter((line) => line.includes("vfio")).length);
  const status = Deno.readTextFileSync("/proc/self/status");
  pinnedKiB.push(["VmLck", "VmPin"].reduce((sum, name) => {
    const [, kibibytes = "0"] = new RegExp(`${name}:\\s+(\\d+)`).exec(status) ?? [];
    return sum + Number(kibibytes);
  }, 0));
}
