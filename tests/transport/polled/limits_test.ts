// Every limit that a drive can have, and what the driver makes of it.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnreachableError, UnsupportedError } from "../../../src/errors.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { DOORBELL_BASE, doorbellOffset, REGISTERS } from "../../../src/spec/registers.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { personality } from "../../drive/bench.ts";
import { numberAt, OPCODE, PolledRig, readCommand, writeBlocks } from "../../support/polled.ts";

const SUCCESS = { status: 0, result: 0n };

for (let mdts = 1; mdts <= 7; mdts++) {
  Deno.test(`a transfer of all that MDTS ${mdts} allows goes, one block more is refused by name`, async () => {
    const rig = new PolledRig({ drive: { limits: { mdts } } });
    const most = 2 ** mdts * 4096;
    const blocks = most / 512;
    await writeBlocks(rig.bench, blocks);
    const driver = await rig.open();
    const whole = readCommand(driver, 0, { blocks });
    assertEquals(await driver.submit(whole), SUCCESS);
    for (let at = 0; at < blocks; at++) assertEquals(numberAt(whole.data.bytes, at * 512), at + 1);
    rig.commands.length = 0;
    const error = await assertRejects(
      () => driver.submit(readCommand(driver, 0, { blocks: blocks + 1 })),
      UnsupportedError,
    );
    assert(error.message.includes(`the drive (MDTS) takes at most ${most} with one command`));
    assertEquals(rig.commands, []);
    await driver.close();
  });
}

Deno.test("a drive without a limit has the driver's own, which is named", async () => {
  const rig = new PolledRig({ drive: { limits: { mdts: 0 } } });
  const driver = await rig.open();
  const most = 2 * 1024 * 1024;
  assertEquals(await driver.submit(readCommand(driver, 0, { blocks: most / 512 })), SUCCESS);
  const error = await assertRejects(
    () => driver.submit(readCommand(driver, 0, { blocks: most / 512 + 1 })),
    UnsupportedError,
  );
  assert(error.message.includes(`our own driver takes at most ${most}`), error.message);
  await driver.close();
});

/** A drive of blocks of 4096 bytes with 8 bytes of metadata each. */
function withMetadata(metadataInline: boolean): PolledRig {
  const { namespaces } = personality("");
  const [first] = namespaces;
  assert(first);
  return new PolledRig({
    drive: {
      formats: [{ dataBytes: 4096, metadataBytes: 8, performance: 0 }],
      formatting: {
        ...personality("").formatting,
        metadata: ["inline", "separate"],
        protection: [],
      },
      namespaces: [{ ...first, format: 0, metadataInline, protection: 0 }],
    },
  });
}

const BLOCKS = 5;

Deno.test("blocks of 4096 bytes with metadata behind each of them are read whole", async () => {
  const rig = withMetadata(true);
  const length = BLOCKS * 4104;
  const out = Uint8Array.from({ length }, (_, at) => at % 251);
  await rig.bench.io(OPCODE.write, { nsid: 1, cdw12: BLOCKS - 1, out });
  const driver = await rig.open();
  using data = driver.allocate(length);
  const read: Command = { queue: "io", opcode: OPCODE.read, nsid: 1, cdw12: BLOCKS - 1, data };
  assertEquals(await driver.submit(read), SUCCESS);
  assertEquals(data.bytes, out);
  await driver.close();
});

Deno.test("blocks of 4096 bytes with metadata apart bring both, each into its buffer", async () => {
  const rig = withMetadata(false);
  const out = Uint8Array.from({ length: BLOCKS * 4096 }, (_, at) => at % 251);
  const outMetadata = Uint8Array.from({ length: BLOCKS * 8 }, (_, at) => 255 - at);
  await rig.bench.io(OPCODE.write, { nsid: 1, cdw12: BLOCKS - 1, out, outMetadata });
  const driver = await rig.open();
  using data = driver.allocate(out.length);
  using metadata = driver.allocate(outMetadata.length);
  const read = { queue: "io", opcode: OPCODE.read, nsid: 1, cdw12: BLOCKS - 1 } as const;
  assertEquals(await driver.submit({ ...read, data, metadata }), SUCCESS);
  assertEquals([data.bytes, metadata.bytes], [out, outMetadata]);
  await driver.close();
});

Deno.test("a drive whose queues have one entry takes admin commands, and no I/O", async () => {
  const rig = new PolledRig();
  rig.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
    const { offset, value } = context as RegisterTap;
    if (offset !== REGISTERS.CAP.offset) return undefined;
    return { kind: "mutate", value: value & ~0xffffn };
  });
  const driver = await rig.open();
  using data = driver.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  assertEquals(await driver.submit(identify), SUCCESS);
  const error = await assertRejects(() => driver.submit(readCommand(driver, 0)), UnreachableError);
  assert(error.message.includes("CAP.MQES is 0"), error.message);
  await driver.close();
});

Deno.test("queues are no longer than CAP.MQES allows", async () => {
  const rig = new PolledRig({ drive: { queueEntries: 16 }, queueEntries: 4096 });
  const sizes: number[] = [];
  rig.attach("nvme:admin:decode", ({ command: { opcode, cdw10 } }) => {
    if (opcode === 0x05 || opcode === 0x01) sizes.push(cdw10);
  });
  const driver = await rig.open();
  await Promise.all(Array.from({ length: 100 }, (_, at) => driver.submit(readCommand(driver, at))));
  assertEquals(sizes, [0x000f_0001, 0x000f_0001]);
  await driver.close();
});

for (let dstrd = 0; dstrd <= 4; dstrd++) {
  Deno.test(`doorbells are rung where a stride of 2^(2 + ${dstrd}) puts them`, async () => {
    const rig = new PolledRig({ drive: { doorbellStride: dstrd } });
    await writeBlocks(rig.bench, 8);
    const driver = await rig.open();
    const command = readCommand(driver, 3);
    assertEquals(await driver.submit(command), SUCCESS);
    assertEquals(numberAt(command.data.bytes, 0), 4);
    const offsets = [0, 1].flatMap((qid) =>
      (["submission", "completion"] as const).map((queue) => doorbellOffset({ queue, qid }, dstrd))
    );
    assertEquals([...rig.counts.doorbells.keys()].toSorted((one, two) => one - two), offsets);
    assert(![...rig.counts.reads.keys()].some((offset) => offset >= DOORBELL_BASE));
    await driver.close();
  });
}

Deno.test("larger pages of the machine are those of the controller too", async () => {
  const rig = new PolledRig({ hostPageBytes: 65_536, drive: { limits: { mdts: 0 } } });
  await writeBlocks(rig.bench, 1024);
  const driver = await rig.open();
  const command = readCommand(driver, 0, { blocks: 1024 });
  assertEquals(await driver.submit(command), SUCCESS);
  for (let at = 0; at < 1024; at++) assertEquals(numberAt(command.data.bytes, at * 512), at + 1);
  await driver.close();
});
