// The drive's properties over a fabric, and its blocks through the kernel's driver: nvmectl and
// nvme-cli see the same.

import { assert, assertEquals } from "@std/assert";
import { servedTest } from "./bench.ts";

servedTest(
  "registers asks a fabrics drive for its properties, as nvme get-property does",
  async (bench) => {
    const { model, registers } = await bench.ours("registers", bench.device) as {
      model: string;
      registers: Readonly<Record<string, { readonly hex: string }>>;
    };
    assertEquals(model, "message");
    assertEquals(Object.keys(registers), ["cap", "vs", "cc", "csts", "nssr", "crto"]);
    // `nvme show-regs` of nvme-cli 2.3 prints memory of its own here; this is the same question.
    for (
      const [name, offset] of [["cap", "0x0"], ["vs", "0x8"], ["cc", "0x14"], ["csts", "0x1c"]]
    ) {
      const text = await bench.must(`nvme get-property $CTRL --offset=${offset}`);
      const [, digits] = /value: ([0-9a-f]+)/.exec(text) ?? [];
      assert(digits !== undefined, text);
      assertEquals(BigInt(registers[name ?? ""]?.hex ?? -1), BigInt(`0x${digits}`), name);
    }
  },
);

servedTest("read over a fabric is what the block device holds", async (bench) => {
  await bench.must("head -c 1048576 /dev/urandom | dd of=$BLK bs=64k seek=3 oflag=direct");
  const mine = await bench.must(
    `nvmectl read ${bench.block} --lba 300 --blocks 2311 -o raw | sha256sum`,
  );
  const theirs = await bench.must("dd if=$BLK bs=512 skip=300 count=2311 2>/dev/null | sha256sum");
  assertEquals(mine, theirs);
});
