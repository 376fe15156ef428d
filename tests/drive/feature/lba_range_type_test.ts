// Tests of LBA Range Type: what a host says that it uses blocks for.

import { assertEquals } from "@std/assert";
import { LbaRangeData } from "../../../src/spec/feature/data.ts";
import { Bench, OK } from "../bench.ts";

const SET = 0x09;
const GET = 0x0a;
const RANGE = 0x03;
const OVERLAPPING = "01h/14h";
const OUT_OF_RANGE = "00h/80h";

type Ranges = NonNullable<Parameters<typeof LbaRangeData.encode>[0]["ranges"]>;

function set(bench: Bench, ranges: Ranges): Promise<{ readonly status: string }> {
  const padded = [...ranges, ...Array.from({ length: 64 - ranges.length }, () => ({}))];
  const out = LbaRangeData.encode({ ranges: padded });
  return bench.admin(SET, { nsid: 1, cdw10: RANGE, cdw11: ranges.length - 1, out });
}

async function get(bench: Bench): Promise<readonly (readonly [number, bigint, bigint])[]> {
  const { data, dw0 } = await bench.admin(GET, { nsid: 1, cdw10: RANGE, length: 4096 });
  const { ranges } = LbaRangeData.decode(data);
  return ranges.slice(0, dw0 + 1).map(({ type, slba, nlb }) => [type, slba, nlb]);
}

Deno.test("LBA Range Type is one range of all blocks until the host says otherwise", async () => {
  const bench = new Bench();
  assertEquals(await get(bench), [[0, 0n, 1_953_525_167n]]);
  const ranges = [{ type: 1, slba: 100n, nlb: 99n }, { type: 3, slba: 0n, nlb: 99n }];
  assertEquals((await set(bench, ranges)).status, OK);
  assertEquals(await get(bench), [[1, 100n, 99n], [3, 0n, 99n]]);
  bench.drive.first.reset();
  assertEquals((await get(bench)).length, 2);
});

Deno.test("LBA Range Type refuses ranges that overlap or leave the namespace", async () => {
  const bench = new Bench();
  const overlapping = [{ slba: 0n, nlb: 10n }, { slba: 10n, nlb: 0n }];
  assertEquals((await set(bench, overlapping)).status, OVERLAPPING);
  assertEquals((await set(bench, [{ slba: 1_953_525_168n, nlb: 0n }])).status, OUT_OF_RANGE);
  assertEquals(await get(bench), [[0, 0n, 1_953_525_167n]]);
});
