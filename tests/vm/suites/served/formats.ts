// Format NVM by both tools: block sizes, metadata, and what is left of the data.

import { assertEquals } from "@std/assert";
import { nvmectl } from "../../../support/guest.ts";
import { type Bench, NAMESPACE_BYTES, OK, SERIAL, servedTest } from "./bench.ts";

/** The size of a block and of the whole, as the kernel has them. */
async function kernel(bench: Bench): Promise<readonly number[]> {
  const text = await bench.must("blockdev --getss --getsize64 $BLK");
  return text.trim().split("\n").map(Number);
}

async function flbas(bench: Bench): Promise<unknown> {
  return (await bench.peer("id-ns $BLK"))["flbas"];
}

servedTest("nvme format changes the size of blocks, and the kernel follows", async (bench) => {
  const fill = "yes D | head -c 65536 | dd of=$BLK bs=64k oflag=direct,dsync";
  const isZero = "dd if=$BLK bs=64k count=1 iflag=direct | cmp -n 65536 - /dev/zero";
  await bench.steps([[fill, OK], ["nvme format $BLK -l 1 -f", OK], [isZero, OK]]);
  assertEquals(await kernel(bench), [4096, NAMESPACE_BYTES]);
  // A cryptographic erase keeps the format and loses the data.
  await bench.steps([[fill, OK], ["nvme format $BLK -s 2 -f", OK], [isZero, OK]]);
  assertEquals(await kernel(bench), [4096, NAMESPACE_BYTES]);
  await bench.steps([
    ["nvme format $BLK -l 9 -f", "Invalid Format"],
    ["nvme format $BLK -l 0 -f", OK],
  ]);
  assertEquals(await kernel(bench), [512, NAMESPACE_BYTES]);
});

servedTest(
  "with metadata there is no block device to use, but commands, for either place of it",
  async (bench) => {
    // Metadata in a buffer of their own cannot be had over NVMe/TCP.
    await bench.must("nvme format $BLK -l 3 -m 1 -f");
    assertEquals([await flbas(bench), (await kernel(bench))[1]], [0x13, 0]);
    await bench.steps([
      ["head -c 4104 /dev/urandom > /run/extended", OK],
      ["nvme write $BLK -s 5 -c 0 -z 4104 -d /run/extended", OK],
      ["nvme read $BLK -s 5 -c 0 -z 4104 -d /run/read && cmp /run/read /run/extended", OK],
      ["nvme format $BLK -l 3 -m 1 -i 1 -f", OK],
    ]);
    assertEquals((await bench.peer("id-ns $BLK"))["dps"], 1);
    await bench.must("nvme format $BLK -l 0 -i 0 -m 0 -f");
    assertEquals(await kernel(bench), [512, NAMESPACE_BYTES]);
  },
);

servedTest("nvmectl format does the same, and the kernel and nvme-cli see it", async (bench) => {
  const format = async (...words: readonly string[]): Promise<void> => {
    const { code, stderr } = await nvmectl(
      bench.guest,
      ["format", bench.block, ...words, "--yes", "--serial", SERIAL],
    );
    assertEquals(code, 0, stderr);
  };
  await format("--block-size", "4096", "--secure-erase", "user-data");
  assertEquals([await kernel(bench), await flbas(bench)], [[4096, NAMESPACE_BYTES], 1]);
  await format("--block-size", "512");
  assertEquals([await kernel(bench), await flbas(bench)], [[512, NAMESPACE_BYTES], 0]);
});
