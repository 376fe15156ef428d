// Physical Region Pages against a model that walks them as a controller does.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure, UsageError } from "../../../src/errors.ts";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { prpRegions } from "../../../src/drive/face/register/prp.ts";
import { nextRandom } from "../../../src/drive/random.ts";
import {
  dmaAddress,
  type PrpListArea,
  prpListBytes,
  putPrps,
} from "../../../src/transport/polled/prp.ts";

const PATTERN = 0xa5a5_a5a5;

interface Written {
  readonly prp1: bigint;
  readonly prp2: bigint;
  readonly list: PrpListArea;
}

interface Case {
  readonly address: number;
  readonly length: number;
  readonly pageBytes: number;
  readonly listAddress: number;
}

/** What is written for a case, into a list area of exactly the size that is promised to do. */
function write({ address, length, pageBytes, listAddress }: Case): Written {
  const words = new Uint32Array(16 * 3);
  const area = new Uint32Array(prpListBytes(length, pageBytes) / 4).fill(PATTERN);
  const list = { words: area, address: listAddress };
  putPrps(words, 16, { address, length }, pageBytes, list);
  const pair = (at: number): bigint => BigInt(words[at] ?? 0) | (BigInt(words[at + 1] ?? 0) << 32n);
  words.forEach((word, at) => assert(word === 0 || (at >= 22 && at < 26), `dword ${at}`));
  return { prp1: pair(22), prp2: pair(24), list };
}

/** The addresses of the pieces of the data, one piece a page, without any cleverness. */
function pieces({ address, length, pageBytes }: Case): readonly bigint[] {
  const found: bigint[] = [];
  const page = BigInt(pageBytes);
  const end = BigInt(address) + BigInt(length);
  for (let at = BigInt(address); at < end; at = (at / page + 1n) * page) found.push(at);
  return found;
}

/** Follows PRP2 as [BASE-2.1 §4.3.1] says, for `count` entries; and how many dwords it used. */
function follow(
  { prp2, list }: Written,
  count: number,
  pageBytes: number,
): { readonly entries: readonly bigint[]; readonly used: number } {
  const entries: bigint[] = [];
  let at = Number(prp2) - list.address;
  const entry = (): bigint => {
    assert(at >= 0 && at % 8 === 0 && at / 4 < list.words.length, `entry at ${at}`);
    return BigInt(list.words[at / 4] ?? 0) | (BigInt(list.words[at / 4 + 1] ?? 0) << 32n);
  };
  let used = 0;
  while (entries.length < count) {
    const last = (list.address + at + 8) % pageBytes === 0;
    used = Math.max(used, at / 4 + 2);
    if (last && entries.length < count - 1) {
      const next = entry();
      assertEquals(next % BigInt(pageBytes), 0n, "lists go on at the start of a page");
      at = Number(next) - list.address;
    } else {
      entries.push(entry());
      at += 8;
    }
  }
  return { entries, used };
}

function check(given: Case): void {
  const label = JSON.stringify(given);
  const [first, second, ...others] = pieces(given);
  const written = write(given);
  assertEquals(written.prp1, first ?? 0n, label);
  if (others.length === 0) {
    assertEquals(written.prp2, second ?? 0n, label);
    assert(written.list.words.every((word) => word === PATTERN), label);
    return;
  }
  const count = others.length + 1;
  const { entries, used } = follow(written, count, given.pageBytes);
  assertEquals(entries, [second ?? 0n, ...others], label);
  assert(written.list.words.subarray(used).every((word) => word === PATTERN), label);
}

Deno.test("PRPs name every page of random transfers, for pages of 4 to 64 KiB", () => {
  const random = { random: 11 };
  const below = (limit: number): number => Math.floor(nextRandom(random) * limit);
  for (let round = 0; round < 3000; round++) {
    const pageBytes = 4096 << below(5);
    const base = [0x1_0000_0000, 0x7f_ffff_0000, 2 ** 48, 0x1000][below(4)] ?? 0;
    check({
      address: base + 4 * below(64 * 1024),
      length: 1 + below([64, 4096, 20_000, 300_000, 8 * 2 ** 20][below(5)] ?? 1),
      pageBytes,
      listAddress: 2 ** 40 + 4096 * below(64),
    });
  }
});

Deno.test("PRPs are right at every boundary of pages and lists", () => {
  for (const pageBytes of [4096, 8192, 65536]) {
    const perList = pageBytes / 8;
    for (
      const pages of [1, 2, 3, perList, perList + 1, perList + 2, 2 * perList, 2 * perList + 1]
    ) {
      if (pages * pageBytes > 2 ** 30) continue;
      for (const offset of [0, 4, pageBytes - 4]) {
        for (const less of [-4, -1, 0, 1, 4]) {
          for (const listAddress of [2 ** 33, 2 ** 33 + 4096]) {
            const length = pages * pageBytes + less;
            check({ address: 2 ** 32 + offset, length, pageBytes, listAddress });
          }
        }
      }
    }
  }
});

Deno.test("the last entry of a list's page is data where no more than one remains", () => {
  const given = { address: 2 ** 32, pageBytes: 4096, listAddress: 2 ** 33 };
  const full = write({ ...given, length: 513 * 4096 });
  assertEquals(full.list.words[1022], 512 * 4096);
  const chained = write({ ...given, length: 514 * 4096 });
  assertEquals([chained.list.words[1022], chained.list.words[1023]], [4096, 2]);
  assertEquals([chained.list.words[1024], chained.list.words[1026]], [512 * 4096, 513 * 4096]);
});

Deno.test("a virtual drive finds the data of chained lists", () => {
  const host = new HostMemory();
  for (const pageBytes of [4096, 16384]) {
    const length = 5 * 2 ** 20 + 512;
    using data = host.allocate(length + 4096);
    using area = host.allocate(prpListBytes(length, pageBytes));
    const words = new Uint32Array(16);
    const list = { words: new Uint32Array(area.bytes.buffer), address: Number(area.iova) };
    const address = Number(data.iova) + 512;
    putPrps(words, 0, { address, length }, pageBytes, list);
    const view = new DataView(words.buffer);
    const pointer = {
      prp1: view.getBigUint64(24, true),
      prp2: view.getBigUint64(32, true),
      pageBytes,
    };
    const regions = prpRegions(host, pointer, length);
    let at = 512;
    for (const region of regions) {
      assertEquals(region.byteOffset, at);
      at += region.length;
    }
    assertEquals(at, 512 + length);
  }
});

Deno.test("no data has no pages", () => {
  const { prp1, prp2 } = write({ address: 4096, length: 0, pageBytes: 4096, listAddress: 0 });
  assertEquals([prp1, prp2], [0n, 0n]);
});

Deno.test("data within a dword, or a list without room, is a fault of ours", () => {
  const words = new Uint32Array(16);
  const list = { words: new Uint32Array(4), address: 8192 };
  assertThrows(
    () => putPrps(words, 0, { address: 4098, length: 4 }, 4096, list),
    AssertionFailure,
  );
  assertThrows(
    () => putPrps(words, 0, { address: 4096, length: 4 * 4096 }, 4096, list),
    AssertionFailure,
  );
});

Deno.test("dmaAddress() is exact, or refuses", () => {
  assertEquals(dmaAddress(0x1f_ffff_ffff_ffffn), Number.MAX_SAFE_INTEGER);
  assertThrows(() => dmaAddress(2n ** 53n), UsageError, "0x20000000000000");
});
