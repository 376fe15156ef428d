// Tests of reading a range as a whole: every block in its place, and nothing after a bad one.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { readAll, type ReadOptions } from "../../src/controller/read_all.ts";
import { resolveRange } from "../../src/controller/read_range.ts";
import { StatusError, UnreachableError } from "../../src/errors.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { blockDrive, type BlockDriveOptions, observed, parallel } from "../support/block_drive.ts";
import { FakeClock } from "../support/context.ts";
import { openPolled } from "../../src/transport/polled/transport.ts";
import { Rig } from "../transport/polled/rig.ts";

/** Collects what comes, and insists on the order. */
class Collected {
  readonly data: number[] = [];
  readonly metadata: number[] = [];
  #next = 0;

  constructor(readonly blockBytes: number) {}

  write(first: number, data: Uint8Array, metadata: Uint8Array): Promise<void> {
    assertEquals(first, this.#next);
    this.#next += data.length / this.blockBytes;
    for (const byte of data) this.data.push(byte);
    for (const byte of metadata) this.metadata.push(byte);
    return Promise.resolve();
  }
}

function options(sink: ReadOptions["sink"], rest: Partial<ReadOptions> = {}): ReadOptions {
  return {
    sink,
    signal: new AbortController().signal,
    clock: new FakeClock(),
    onProgress: () => {},
    ...rest,
  };
}

async function readOver(
  transport: Transport,
  range: { readonly lba?: bigint; readonly blocks?: bigint },
  blockBytes: number,
): Promise<{ readonly sink: Collected; readonly read: number }> {
  const drive = new Drive(transport);
  const found = await resolveRange(drive, {
    nsid: 1,
    lba: range.lba,
    blocks: range.blocks,
  });
  const sink = new Collected(blockBytes);
  return { sink, read: await readAll(drive, found, options(sink)) };
}

Deno.test("readAll() gives every block and its metadata, whatever the layout and the limits", async () => {
  const shapes: readonly BlockDriveOptions[] = [
    { dataBytes: 512, mdts: 1 },
    { dataBytes: 512, mdts: 0 },
    { dataBytes: 4096, mdts: 1 },
    { dataBytes: 4096, mdts: 7 },
    { dataBytes: 512, metadataBytes: 8, mdts: 1 },
    { dataBytes: 512, metadataBytes: 8, inline: true, mdts: 1 },
    { dataBytes: 4096, metadataBytes: 8, mdts: 2 },
    { dataBytes: 4096, metadataBytes: 64, inline: true, mdts: 3 },
    { dataBytes: 4096, metadataBytes: 64, inline: true, mdts: 1 },
  ];
  const ranges = [[0n, 1n], [199n, 1n], [0n, 200n], [3n, 17n], [1n, 16n], [7n, 33n]] as const;
  for (const shape of shapes) {
    const made = blockDrive({ ...shape, blocks: 200 });
    for (const [lba, blocks] of ranges) {
      for (const transport of [observed(made.transport), parallel(made.transport)]) {
        const { sink, read } = await readOver(transport, { lba, blocks }, shape.dataBytes ?? 512);
        const what = JSON.stringify({ ...shape, lba: `${lba}`, blocks: `${blocks}` });
        assertEquals(read, Number(blocks), what);
        assert(equal(sink.data, made.data(Number(lba), Number(blocks))), what);
        assert(equal(sink.metadata, made.metadata(Number(lba), Number(blocks))), what);
      }
    }
  }
});

function equal(found: readonly number[], wanted: Uint8Array): boolean {
  return found.length === wanted.length && found.every((byte, at) => byte === wanted[at]);
}

Deno.test("readAll() reads 65536 blocks in commands of no more than the limit", async () => {
  const made = blockDrive({ blocks: 65_536, mdts: 4 });
  const transport = parallel(made.transport);
  const { read } = await readOver(transport, {}, 512);
  assertEquals(read, 65_536);
  const reads = transport.commands.filter(({ queue }) => queue === "io");
  assertEquals(reads.length, 65_536 / 128);
  assert(reads.every(({ cdw12, data }) => cdw12 === 127 && data?.bytes.length === 65_536));
});

Deno.test("readAll() has several commands under way, in a constant number of buffers", async () => {
  const made = blockDrive({ blocks: 4096 });
  const transport = parallel(made.transport, { depth: 32 });
  await readOver(transport, {}, 512);
  const buffers = new Set(
    transport.commands.flatMap(({ queue, data }) => queue === "io" ? [data] : []),
  );
  assertEquals([transport.most, buffers.size], [8, 8]);
});

Deno.test("readAll() gives the drive memory for metadata that comes apart, wanted or not", async () => {
  const made = blockDrive({ metadataBytes: 8 });
  const transport = observed(made.transport);
  await readOver(transport, { blocks: 3n }, 512);
  const [read] = transport.commands.filter(({ queue }) => queue === "io");
  assertEquals([read?.data?.bytes.length, read?.metadata?.bytes.length], [1536, 24]);
  assertEquals([read?.opcode, read?.nsid, read?.cdw10, read?.cdw12], [2, 1, 0, 2]);
});

Deno.test("readAll() splits a block number into its two halves", async () => {
  const made = blockDrive();
  const transport = observed(
    made.transport,
    ({ queue }) => queue === "io" ? { status: 0, result: 0n } : undefined,
  );
  const drive = new Drive(transport);
  const shape = { blockBytes: 512, metadataBytes: 0, layout: "none" } as const;
  const lba = 0x1_2345_6789n;
  await readAll(
    drive,
    { nsid: 7, lba, blocks: 1, shape, chunkBlocks: 8 },
    options(new Collected(512)),
  );
  const [read] = transport.commands;
  assertEquals([read?.nsid, read?.cdw10, read?.cdw11], [7, 0x2345_6789, 1]);
});

Deno.test("readAll() ends at the first bad block and names it", async () => {
  for (const bad of [0, 5, 40, 63]) {
    const made = blockDrive({ bad: [bad] });
    for (const transport of [observed(made.transport), parallel(made.transport)]) {
      const error = await assertRejects(() => readOver(transport, {}, 512), StatusError);
      assertEquals(
        error.message.split(":")[0] + ":blocks",
        `Cannot read block ${bad} of namespace 1 of virtual:blocks`,
      );
      assertEquals(error.status & 0x7ff, 0x281);
      assert(error.next?.includes("--skip-errors"));
    }
  }
});

Deno.test("readAll() does not look for the block where the status is not about one", async () => {
  const made = blockDrive();
  const transport = observed(
    made.transport,
    ({ queue }) => queue === "io" ? { status: 0x0006, result: 0n } : undefined,
  );
  const error = await assertRejects(() => readOver(transport, {}, 512), StatusError);
  assert(error.message.startsWith("Cannot read blocks 0 to 15 of namespace 1"), error.message);
  assertEquals(transport.commands.filter(({ queue }) => queue === "io").length, 1);
});

Deno.test("readAll() asks for half as much where the kernel refuses the length, down to one block", async () => {
  const made = blockDrive({ blocks: 200, mdts: 0 });
  for (const most of [64, 16, 1]) {
    const transport = observed(made.transport, ({ queue, cdw12 = 0 }) => {
      if (queue === "io" && cdw12 + 1 > most) {
        throw new UnreachableError("Cannot send a command", { code: "EINVAL" });
      }
      return undefined;
    });
    const { sink, read } = await readOver(transport, { lba: 1n }, 512);
    assertEquals(read, 199);
    assert(equal(sink.data, made.data(1, 199)));
  }
});

Deno.test("readAll() ends where the kernel refuses even one block, and where the drive is gone", async () => {
  for (const code of ["EINVAL", "ENODEV"]) {
    const made = blockDrive();
    const transport = observed(made.transport, ({ queue }) => {
      if (queue === "io") throw new UnreachableError("Cannot send a command", { code });
      return undefined;
    });
    const error = await assertRejects(() => readOver(transport, {}, 512), UnreachableError);
    assertEquals(error.code, code);
    const tries = transport.commands.filter(({ queue }) => queue === "io").length;
    assertEquals(tries, code === "EINVAL" ? 5 : 1);
  }
});

Deno.test("readAll() makes do with fewer buffers where memory runs out", async () => {
  const made = blockDrive({ blocks: 200 });
  let left = 2;
  const inner = parallel(made.transport, { depth: 8 });
  const transport: Transport = {
    ...inner,
    allocate(length) {
      if (length === 8192 && left-- <= 0) throw new UnreachableError("no memory");
      return inner.allocate(length);
    },
  };
  const { sink, read } = await readOver(transport, {}, 512);
  assertEquals(read, 200);
  assert(equal(sink.data, made.data(0, 200)));
});

Deno.test("readAll() stops at the signal, and has handed on all that it says was read", async () => {
  const made = blockDrive({ blocks: 640 });
  for (const transport of [observed(made.transport), parallel(made.transport)]) {
    const abort = new AbortController();
    const drive = new Drive(transport);
    const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
    const sink = new Collected(512);
    const write = async (...given: Parameters<Collected["write"]>): Promise<void> => {
      await sink.write(...given);
      if (given[0] >= 160) abort.abort();
    };
    const read = await readAll(drive, range, options({ write }, { signal: abort.signal }));
    assert(read >= 160 && read < 640, `${read}`);
    assertEquals(sink.data.length, read * 512);
    assert(equal(sink.data, made.data(0, read)));
  }
});

Deno.test("readAll() lets signals be heard between commands that are answered at once", async () => {
  const { drive } = blockDrive({ blocks: 640 });
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
  const clock = new FakeClock();
  const write = (): Promise<void> => {
    clock.time += 4;
    return Promise.resolve();
  };
  await readAll(drive, range, options({ write }, { clock }));
  assert(clock.sleeps.length >= 10, `${clock.sleeps.length} pauses`);
});

Deno.test("readAll() ends with what the sink throws", async () => {
  const { drive } = blockDrive({ blocks: 640 });
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
  let calls = 0;
  const write = (): Promise<void> => {
    calls++;
    return Promise.reject(new Error("no space left"));
  };
  await assertRejects(() => readAll(drive, range, options({ write })), Error, "no space left");
  assertEquals(calls, 1);
});

Deno.test("readAll() estimates the rest from the pace", async () => {
  const { drive } = blockDrive({ blocks: 640 });
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
  const clock = new FakeClock();
  const seen: (readonly [number, number | undefined])[] = [];
  await readAll(
    drive,
    range,
    options({
      write: () => {
        clock.time += 600;
        return Promise.resolve();
      },
    }, {
      clock,
      onProgress: ({ fraction, remainingMs }) => seen.push([fraction, remainingMs]),
    }),
  );
  assertEquals(seen.slice(0, 2), [[16 / 640, undefined], [32 / 640, 38 * 600]]);
  assertEquals(seen.at(-1), [1, 0]);
});

/** A drive on a bus whose first 2048 blocks say which they are. */
function busDrive(): Rig {
  const rig = new Rig({ limits: { mdts: 3 } });
  const data = Uint8Array.from({ length: 2048 * 512 }, (_, at) => (at >> 9) * 3 + at);
  rig.bench.drive.store.find(1)?.media.write(0, 2048, { data, metadata: new Uint8Array(0) });
  return rig;
}

Deno.test("readAll() over our own driver has several commands under way, in order", async () => {
  const { backing, clock } = busDrive();
  await using transport = await openPolled({ backing, clock, hostPageBytes: 4096 });
  const { sink, read } = await readOver(transport, { lba: 5n, blocks: 500n }, 512);
  assertEquals(read, 500);
  assert(sink.data.every((byte, at) => byte === (((at + 2560) >> 9) * 3 + at + 2560) % 256));
});

Deno.test("readAll() over our own driver stops at the signal, which the driver heeds too", async () => {
  const { backing, clock } = busDrive();
  const abort = new AbortController();
  const { signal } = abort;
  await using transport = await openPolled({ backing, clock, hostPageBytes: 4096, signal });
  const drive = new Drive(transport);
  const range = await resolveRange(drive, { nsid: 1, lba: 0n, blocks: 2048n });
  const sink = new Collected(512);
  const write = async (...given: Parameters<Collected["write"]>): Promise<void> => {
    await sink.write(...given);
    if (given[0] === 128) abort.abort(new Error("Ctrl-C"));
  };
  const read = await readAll(drive, range, options({ write }, { signal }));
  assert(read >= 192 && read < 2048, `${read}`);
  assertEquals(sink.data.length, read * 512);
});

Deno.test("signals have their turn in a read whose commands and output never wait", async () => {
  const { drive } = blockDrive({ blocks: 4096, mdts: 1 });
  const abort = new AbortController();
  let time = 0;
  // What arrives from outside can only come in while it sleeps.
  const clock = {
    now: () => time++,
    sleep: () => Promise.resolve(abort.abort(new Error("enough"))),
  };
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
  const done = await readAll(drive, range, {
    sink: { write: () => Promise.resolve() },
    signal: abort.signal,
    clock,
    onProgress: () => {},
  });
  assert(done > 0 && done < 200, `${done}`);
});

Deno.test("readAll() ends at the signal while it looks for the first bad block, after one command", async () => {
  const made = blockDrive({ blocks: 64, mdts: 7, bad: [37] });
  const abort = new AbortController();
  let time = 0;
  let sleeps = 0;
  // Each command takes long, as a bad block does; signals come in only between them.
  const clock = {
    now: () => time,
    sleep() {
      if (++sleeps === 3) abort.abort(new Error("Ctrl-C"));
      return Promise.resolve();
    },
  };
  const transport = observed(made.transport, ({ queue }) => {
    if (queue === "io") time += 5000;
    return undefined;
  });
  const drive = new Drive(transport);
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
  const sink = new Collected(512);
  const read = await readAll(drive, range, options(sink, { signal: abort.signal, clock }));
  assertEquals([read, sink.data.length], [0, 0]);
  // All of it, both halves, a quarter: four of ten.
  assertEquals(transport.commands.filter(({ queue }) => queue === "io").length, 4);
});
