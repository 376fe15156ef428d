// Tests of which blocks a read is about.

import { assertEquals, assertRejects } from "@std/assert";
import { resolveRange } from "../../src/controller/read_range.ts";
import { Drive } from "../../src/controller/drive.ts";
import { MalformedError, UsageError } from "../../src/errors.ts";
import { wrap } from "../../src/transport/transport.ts";
import { blockDrive } from "../support/block_drive.ts";
import { virtualDrive } from "../support/context.ts";

const NOTHING = { nsid: undefined, lba: undefined, blocks: undefined };

Deno.test("resolveRange() takes all of the only namespace where nothing is asked for", async () => {
  const { drive } = blockDrive({ blocks: 100 });
  const range = await resolveRange(drive, NOTHING);
  assertEquals([range.nsid, range.lba, range.blocks], [1, 0n, 100]);
  const rest = await resolveRange(drive, { ...NOTHING, lba: 93n });
  assertEquals([rest.lba, rest.blocks], [93n, 7]);
});

Deno.test("resolveRange() wants a namespace named where there are several", async () => {
  const drive = new Drive(virtualDrive("namespaces").transport);
  const error = await assertRejects(() => resolveRange(drive, NOTHING), UsageError, "has 5");
  assertEquals(error.next, "name one with --nsid N");
});

Deno.test("resolveRange() refuses blocks that the namespace does not have", async () => {
  const { drive } = blockDrive({ blocks: 100 });
  const refused = async (lba: bigint, blocks: bigint | undefined): Promise<string> =>
    (await assertRejects(() => resolveRange(drive, { nsid: 1, lba, blocks }), UsageError)).message;
  assertEquals(
    await refused(99n, 2n),
    "Cannot read blocks 99 to 100 of namespace 1 of virtual:blocks: it has 100",
  );
  assertEquals(
    await refused(100n, undefined),
    "Cannot read from block 100 of namespace 1 of virtual:blocks: it ends before",
  );
  assertEquals(await refused(2n ** 64n - 1n, 1n).then((text) => text.length > 0), true);
  assertEquals(await refused(0n, 0n), "Cannot use --blocks 0: need at least one block");
  assertEquals((await resolveRange(drive, { nsid: 1, lba: 99n, blocks: 1n })).blocks, 1);
});

Deno.test("resolveRange() refuses a namespace that is not active", async () => {
  const drive = new Drive(virtualDrive("namespaces").transport);
  await assertRejects(
    () => resolveRange(drive, { ...NOTHING, nsid: 5 }),
    UsageError,
    "it is not active",
  );
});

Deno.test("resolveRange() knows the format by its index beyond 15, and both metadata layouts", async () => {
  const drive = new Drive(virtualDrive("namespaces").transport);
  const shapes = await Promise.all([1, 2, 3, 4].map(async (nsid) => {
    const { shape } = await resolveRange(drive, { ...NOTHING, nsid });
    return [shape.blockBytes, shape.metadataBytes, shape.layout];
  }));
  assertEquals(shapes, [
    [512, 0, "none"],
    [4096, 0, "none"],
    [4096, 8, "separate"],
    [4096, 64, "extended"],
  ]);
});

Deno.test("resolveRange() asks for no more at once than MDTS, 256 KiB and 65536 blocks allow", async () => {
  const chunk = async (mdts: number, dataBytes: number, metadataBytes = 0): Promise<number> => {
    const { drive } = blockDrive({ mdts, dataBytes, metadataBytes });
    return (await resolveRange(drive, NOTHING)).chunkBlocks;
  };
  assertEquals(await chunk(1, 512), 16);
  assertEquals(await chunk(3, 4096), 8);
  assertEquals(await chunk(3, 4096, 8), 7);
  assertEquals(await chunk(0, 512), 512);
  assertEquals(await chunk(9, 4096), 64);
  // Too large for one command in any case: the drive may say so itself.
  assertEquals(await chunk(1, 8192, 64), 1);
});

Deno.test("resolveRange() refuses blocks of sizes that no drive has", async () => {
  for (
    const [lbads, fits] of [[8, false], [9, true], [24, true], [25, false], [63, false]] as const
  ) {
    const drive = new Drive(wrap(blockDrive().transport, {
      async submit(command, next) {
        const completion = await next(command);
        // LBA format 0 of Identify Namespace.
        if (command.opcode === 0x06 && command.cdw10 === 0) {
          command.data?.bytes.fill(lbads, 130, 131);
        }
        return completion;
      },
    }));
    const resolving = resolveRange(drive, { ...NOTHING, blocks: 1n });
    if (fits) assertEquals((await resolving).shape.blockBytes, 2 ** lbads);
    else await assertRejects(() => resolving, MalformedError, `a block has ${2 ** lbads} bytes`);
  }
});
