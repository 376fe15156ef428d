// Tests of the media taps, and of the volatile write cache as commands use it.

import { assertEquals } from "@std/assert";
import { variant } from "../../../src/drive/mod.ts";
import type { MediaTap, Verdict } from "../../../src/drive/tap/verdict.ts";
import { Bench, OK, personality } from "../bench.ts";

const FLUSH = 0x00;
const WRITE = 0x01;
const READ = 0x02;
const VERIFY = 0x0c;
const DATASET_MANAGEMENT = 0x09;
const FUA = 0x4000_0000;
const SET_FEATURES = 0x09;
const WRITE_CACHE = 0x06;
const WRITE_FAULT = "02h/80h";
const UNRECOVERED_READ = "02h/81h";

async function write(bench: Bench, lba: number, values: readonly number[], cdw12 = 0) {
  const out = Uint8Array.from({ length: values.length * 512 }, (_, at) => values[at >> 9] ?? 0);
  const flags = (cdw12 | (values.length - 1)) >>> 0;
  return await bench.io(WRITE, { nsid: 1, cdw10: lba, cdw12: flags, out });
}

async function read(bench: Bench, lba: number, count: number, cdw12 = 0) {
  const flags = (cdw12 | (count - 1)) >>> 0;
  const answer = await bench.io(READ, { nsid: 1, cdw10: lba, cdw12: flags, length: count * 512 });
  return {
    status: answer.status,
    values: Array.from({ length: count }, (_, at) => answer.data[at * 512]),
  };
}

/** Answers at a media tap. */
function attach(
  bench: Bench,
  stage: "read" | "write" | "flush" | "deallocate",
  answer: (context: MediaTap) => Verdict,
): () => void {
  return bench.drive.taps.attach(`nvme:media:${stage}`, (context) => {
    if (context.kind === "media") return answer(context);
  });
}

Deno.test("A dropped media write succeeds and does not happen", async () => {
  const bench = new Bench();
  await write(bench, 5, [1]);
  const detach = attach(bench, "write", () => ({ kind: "drop" }));
  assertEquals((await write(bench, 5, [2])).status, OK);
  detach();
  assertEquals((await read(bench, 5, 1)).values, [1]);
});

Deno.test("A media write can be misdirected, torn or flipped", async () => {
  const bench = new Bench();
  const seen: (readonly number[])[] = [];
  const answers: Verdict[] = [{ kind: "mutate", lba: 100 }, { kind: "mutate", count: 2 }];
  const detach = attach(bench, "write", ({ nsid, lba, count, blockBytes, data }) => {
    seen.push([nsid, lba, count, blockBytes, data?.length ?? 0]);
    return answers.shift();
  });
  await write(bench, 0, [1, 2, 3]);
  assertEquals((await read(bench, 0, 3)).values, [0, 0, 0]);
  assertEquals((await read(bench, 100, 3)).values, [1, 2, 3]);
  await write(bench, 0, [4, 5, 6]);
  assertEquals((await read(bench, 0, 3)).values, [4, 5, 0]);
  detach();
  attach(bench, "write", ({ data }) => {
    const flipped = data?.slice() ?? new Uint8Array(0);
    flipped[0] = (flipped[0] ?? 0) ^ 0x10;
    return { kind: "mutate", data: flipped };
  });
  await write(bench, 0, [7, 8]);
  assertEquals((await read(bench, 0, 3)).values, [0x17, 8, 0]);
  assertEquals(seen, [[1, 0, 3, 512, 1536], [1, 0, 3, 512, 1536]]);
});

Deno.test("A media write sent beyond the namespace stays within it", async () => {
  const bench = new Bench();
  const blocks = bench.drive.store.find(1)?.blocks ?? 0;
  const places = [blocks - 1, blocks + 10, NaN];
  attach(bench, "write", () => ({ kind: "mutate", lba: places.shift() ?? 0 }));
  for (const value of [1, 2, 3]) assertEquals((await write(bench, 0, [value, value])).status, OK);
  assertEquals((await read(bench, blocks - 1, 1)).values, [1]);
  assertEquals(bench.drive.store.find(1)?.media.allocatedBlocks, 1);
});

Deno.test("A claim at a media tap refuses the command, to be retried or not", async () => {
  const bench = new Bench();
  const statuses = [{ type: 2, code: 0x80 }, { type: 2, code: 0x80, doNotRetry: true }];
  attach(bench, "write", () => ({ kind: "claim", status: statuses.shift() ?? 0 }));
  const fields = [await write(bench, 9, [1]), await write(bench, 9, [1])];
  assertEquals(fields.map(({ status }) => status), [WRITE_FAULT, WRITE_FAULT]);
  assertEquals(fields.map(({ field }) => (field & 0x4000) !== 0), [false, true]);
  assertEquals((await bench.lastError()).lba, 9n);
  // A claim of success is as good as dropping it.
  assertEquals((await write(bench, 9, [1])).status, OK);
  assertEquals((await read(bench, 9, 1)).values, [0]);
});

Deno.test("A media read can be stale, flipped, emptied or refused", async () => {
  const bench = new Bench();
  await write(bench, 0, [1, 2, 3, 4]);
  const answers: Verdict[] = [
    { kind: "mutate", lba: 2 },
    { kind: "mutate", data: new Uint8Array(512).fill(9) },
    { kind: "drop" },
    { kind: "claim", status: { type: 2, code: 0x81 } },
    { kind: "claim", status: { type: 2, code: 0x81 } },
  ];
  attach(bench, "read", () => answers.shift());
  assertEquals((await read(bench, 0, 2)).values, [3, 4]);
  assertEquals((await read(bench, 0, 2)).values, [9, 2]);
  assertEquals((await read(bench, 0, 2)).values, [0, 0]);
  assertEquals((await read(bench, 0, 2)).status, UNRECOVERED_READ);
  assertEquals((await bench.io(VERIFY, { nsid: 1 })).status, UNRECOVERED_READ);
  assertEquals((await read(bench, 0, 2)).values, [1, 2]);
});

Deno.test("A dropped deallocation leaves blocks as they are", async () => {
  const bench = new Bench();
  await write(bench, 0, [1]);
  attach(bench, "deallocate", () => ({ kind: "drop" }));
  const out = new Uint8Array(16);
  out[4] = 1;
  assertEquals((await bench.io(DATASET_MANAGEMENT, { nsid: 1, cdw11: 4, out })).status, OK);
  assertEquals((await read(bench, 0, 1)).values, [1]);
});

Deno.test("A lost flush succeeds, and a power cut shows it", async () => {
  const bench = new Bench();
  await write(bench, 0, [1]);
  const detach = attach(bench, "flush", () => ({ kind: "drop" }));
  assertEquals((await bench.io(FLUSH, { nsid: 1 })).status, OK);
  detach();
  bench.drive.powercut();
  assertEquals((await read(bench, 0, 1)).values, [0]);
});

Deno.test("FUA writes, and writes with the cache off, outlive a power cut", async () => {
  const bench = new Bench();
  await write(bench, 0, [1]);
  await write(bench, 1, [2], FUA);
  await bench.admin(SET_FEATURES, { cdw10: WRITE_CACHE, cdw11: 1 });
  assertEquals(bench.drive.powercut(), 1);
  assertEquals((await read(bench, 0, 2)).values, [0, 2]);
  await write(bench, 0, [3]);
  // Turning it off stores what waits.
  await bench.admin(SET_FEATURES, { cdw10: WRITE_CACHE, cdw11: 0 });
  await write(bench, 2, [4]);
  assertEquals(bench.drive.powercut(), 0);
  assertEquals((await read(bench, 0, 3)).values, [3, 2, 4]);
});

Deno.test("A FUA read stores what waits before it answers", async () => {
  const bench = new Bench();
  await write(bench, 0, [1]);
  assertEquals((await read(bench, 0, 1, FUA)).values, [1]);
  bench.drive.powercut();
  assertEquals((await read(bench, 0, 1)).values, [1]);
});

Deno.test("A drive without a write cache loses nothing", async () => {
  const bench = new Bench(variant(personality(""), { writeCache: false }));
  await write(bench, 0, [1]);
  assertEquals(bench.drive.powercut(), 0);
  assertEquals((await read(bench, 0, 1)).values, [1]);
});
