// Namespace management: namespaces come, go, and the kernel's block devices with them.

import { assertEquals } from "@std/assert";
import type { Fields } from "../../../support/peer.ts";
import { type Bench, FREE_BYTES, OK, servedTest } from "./bench.ts";

/** Waits until a block device is there, or is not. */
function appears(device: string): string {
  return `for try in $(seq 50); do [ -b ${device} ] && break; sleep 0.1; done; [ -b ${device} ]`;
}

function disappears(device: string): string {
  return `for try in $(seq 50); do [ -b ${device} ] || break; sleep 0.1; done; [ ! -b ${device} ]`;
}

async function nsids(bench: Bench, words: string): Promise<unknown> {
  const { nsid_list: list } = await bench.peer(`list-ns $CTRL ${words}`) as {
    nsid_list: readonly Fields[];
  };
  return list.map(({ nsid }) => nsid);
}

servedTest("a namespace that is created and attached gets a block device", async (bench) => {
  const second = `${bench.device}n2`;
  const blocks = 8192;
  await bench.drive.mark();
  await bench.steps([[`nvme create-ns $CTRL -s ${blocks} -c ${blocks} -f 1`, OK]]);
  assertEquals([await nsids(bench, ""), await nsids(bench, "--all")], [[1], [1, 2]]);
  const { unvmcap } = await bench.peer("id-ctrl $CTRL");
  assertEquals(Number(unvmcap), FREE_BYTES - blocks * 4096);
  await bench.steps([
    ["nvme attach-ns $CTRL -n 2 -c 1", OK],
    ["nvme attach-ns $CTRL -n 2 -c 1", "Namespace Already Attached"],
    [appears(second), OK],
  ]);
  await bench.drive.logs([/rescanning namespaces/]);
  assertEquals(
    (await bench.must(`blockdev --getss --getsize64 ${second}`)).trim().split("\n"),
    ["4096", `${blocks * 4096}`],
  );
  const { namespace } = await bench.ours("identify", bench.device, "--namespace", "2") as {
    namespace: Fields;
  };
  const theirs = await bench.peer("id-ns $CTRL -n 2");
  assertEquals([theirs["nsze"], theirs["ncap"], theirs["flbas"]], [blocks, blocks, 1]);
  assertEquals([namespace["nsze"], namespace["ncap"]].map(Number), [blocks, blocks]);
  const { namespaces } = await bench.ours("list") as { namespaces: readonly Fields[] };
  assertEquals(namespaces.find(({ device }) => device === second)?.["block_bytes"], 4096);
  await bench.steps([
    [`dd if=/dev/urandom of=${second} bs=64k count=8 oflag=direct`, OK],
    ["nvme detach-ns $CTRL -n 2 -c 1", OK],
    [disappears(second), OK],
    ["nvme detach-ns $CTRL -n 2 -c 1", "Namespace Not Attached"],
    ["nvme attach-ns $CTRL -n 2 -c 1", OK],
    [appears(second), OK],
    // What was written before is still there.
    [`[ $(dd if=${second} bs=64k count=8 iflag=direct | tr -d '\\0' | wc -c) -gt 1000 ]`, OK],
    ["nvme delete-ns $CTRL -n 2", OK],
    [disappears(second), OK],
    ["nvme delete-ns $CTRL -n 2", "Invalid Field in Command"],
  ]);
  assertEquals([await nsids(bench, ""), await nsids(bench, "--all")], [[1], [1]]);
});

servedTest("a namespace that the drive has no room or no format for is refused", async (bench) => {
  const blocks = FREE_BYTES / 512 + 2048;
  await bench.steps([
    [
      `nvme create-ns $CTRL -s ${blocks} -c ${blocks} -f 0`,
      "Namespace Insufficient Capacity",
    ],
    ["nvme create-ns $CTRL -s 2048 -c 2048 -f 9", "Invalid Format"],
    ["nvme attach-ns $CTRL -n 1 -c 7", "Controller List Invalid"],
    ["nvme attach-ns $CTRL -n 5 -c 1", "Invalid Field in Command"],
  ]);
});

servedTest("the last namespace can go too, and come back as it was", async (bench) => {
  await bench.must("yes C | head -c 65536 | dd of=$BLK bs=64k oflag=direct,dsync status=none");
  await bench.steps([
    ["nvme detach-ns $CTRL -n 1 -c 1", OK],
    [disappears("$BLK"), OK],
    ["[ $(nvme list-ns $CTRL | wc -l) = 0 ]", OK],
    ["nvme smart-log $CTRL", OK],
    ["nvme attach-ns $CTRL -n 1 -c 1", OK],
    [appears("$BLK"), OK],
    ["dd if=$BLK bs=64k count=1 iflag=direct status=none | tr -d 'C\\n' | cmp - /dev/null", OK],
  ]);
});
