// Where the drive's memory goes, and why it does not go elsewhere.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UnreachableError, UsageError } from "../../../../src/errors.ts";
import {
  ALL_ADDRESSES,
  DEFAULT_IOVA_BASE,
  formatRanges,
  type IovaLimits,
  placeArena,
  refusal,
  sortRanges,
} from "../../../../src/transport/polled/vfio/iova.ts";

const MIB = 1024 * 1024;

// QEMU's Intel IOMMU: a window for interrupts, and 39 bits.
const INTEL: IovaLimits = {
  ranges: [
    { first: 0n, last: 0xfedf_ffffn },
    { first: 0xfef0_0000n, last: 0x7f_ffff_ffffn },
  ],
  unitBytes: 4096n,
  mappings: 65535,
};

Deno.test("placeArena() takes 4 GiB unless told otherwise", () => {
  assertEquals(placeArena(INTEL, { bytes: 4 * MIB, base: undefined }), DEFAULT_IOVA_BASE);
  assertEquals(
    placeArena({ ...INTEL, ranges: ALL_ADDRESSES }, { bytes: MIB, base: undefined }),
    2n ** 32n,
  );
});

Deno.test("placeArena() takes the base that was asked for, up to the ends of a range", () => {
  for (
    const base of [0x1000n, 0xfee0_0000n - 4n * BigInt(MIB), 0xfef0_0000n, 0x7f_ffc0_0000n]
  ) {
    assertEquals(placeArena(INTEL, { bytes: 4 * MIB, base }), base);
  }
});

Deno.test("placeArena() finds other room where 4 GiB is beyond the IOMMU", () => {
  const low = { ...INTEL, ranges: [{ first: 0n, last: 0x7fff_ffffn }] };
  assertEquals(placeArena(low, { bytes: 4 * MIB, base: undefined }), 0x20_0000n);
  const second = {
    ...INTEL,
    ranges: [{ first: 0n, last: 0xffffn }, { first: 0x801_0000n, last: 0xfff_ffffn }],
  };
  assertEquals(placeArena(second, { bytes: 4 * MIB, base: undefined }), 0x820_0000n);
});

Deno.test("placeArena() says so where there is room nowhere", () => {
  const tiny = { ...INTEL, ranges: [{ first: 0n, last: 0xfffffn }] };
  assertThrows(
    () => placeArena(tiny, { bytes: 4 * MIB, base: undefined }),
    UnreachableError,
    "Cannot map 4 MiB for the drive: the IOMMU has no such room, only 0x0 to 0xfffff",
  );
});

Deno.test("placeArena() refuses a base with its reason, and names one that would do", () => {
  const error = assertThrows(
    () => placeArena(INTEL, { bytes: 4 * MIB, base: 0xfee0_0000n }),
    UsageError,
    "Cannot use 0xfee00000 as the base of the drive's memory: the memory would end at 0xff1fffff, " +
      "and 0xfee00000 to 0xfeefffff is a reserved window, as interrupts have one",
  );
  assertEquals(
    error.next,
    "the IOMMU has 0x0 to 0xfedfffff and 0xfef00000 to 0x7fffffffff: --iova-base 0x100000000 would do",
  );
});

Deno.test("refusal() tells the reserved window from the end of the IOMMU and from a bad multiple", () => {
  const reason = (base: bigint, bytes = 4 * MIB): string | undefined => refusal(INTEL, base, bytes);
  assertEquals(reason(2n ** 32n), undefined);
  assertEquals(reason(2n ** 32n + 512n)?.includes("not a multiple of 4096 bytes"), true);
  assertEquals(reason(-4096n), "it is negative");
  // One page too far into the window, from below.
  assertEquals(reason(0xfee0_0000n - 4n * BigInt(MIB) + 4096n)?.includes("reserved window"), true);
  // Wholly inside it.
  assertEquals(reason(0xfee1_0000n, 4096)?.includes("reserved window"), true);
  // One page too far at the end, and far beyond it.
  assertEquals(
    reason(0x7f_ffc0_1000n),
    "the memory would end at 0x8000000fff, the last address of the IOMMU is 0x7fffffffff",
  );
  assertEquals(reason(2n ** 64n - 4096n)?.includes("the last address of the IOMMU"), true);
  const high = { ...INTEL, ranges: [{ first: 0x1000_0000n, last: 0xffff_ffffn }] };
  assertEquals(refusal(high, 0n, 4096), "the first address of the IOMMU is 0x10000000");
  assertEquals(refusal({ ...INTEL, ranges: [] }, 0n, 4096), "the IOMMU has no addresses");
});

Deno.test("refusal() holds a 64 KiB page against a base of 4 KiB", () => {
  const large = { ...INTEL, unitBytes: 65536n };
  assertEquals(refusal(large, 0x1_0000_1000n, MIB)?.includes("not a multiple of 65536"), true);
  assertEquals(refusal(large, 0x1_0001_0000n, MIB), undefined);
});

Deno.test("sortRanges() orders, joins what touches, and drops what is empty", () => {
  assertEquals(
    sortRanges([
      { first: 0x3000n, last: 0x3fffn },
      { first: 0n, last: 0xfffn },
      { first: 0x1000n, last: 0x1fffn },
      { first: 0x3800n, last: 0x37ffn },
      { first: 0x3400n, last: 0x4fffn },
    ]),
    [{ first: 0n, last: 0x1fffn }, { first: 0x3000n, last: 0x4fffn }],
  );
});

Deno.test("formatRanges() writes ranges as --iova-base takes them", () => {
  assertEquals(formatRanges(INTEL.ranges), "0x0 to 0xfedfffff and 0xfef00000 to 0x7fffffffff");
  assertEquals(formatRanges([]), "none");
});

Deno.test("placeArena() does not take address 0, which a drive takes for none", () => {
  const limits = { ranges: ALL_ADDRESSES, unitBytes: 4096n, mappings: undefined };
  const error = assertThrows(() => placeArena(limits, { bytes: 4096, base: 0n }), UsageError);
  assertMatch(error.message, /Cannot use 0x0 as the base .*: to a drive the address 0 may be none/);
  assertEquals(placeArena(limits, { bytes: 4096, base: 4096n }), 4096n);
});
