// Copy against literal bytes.

import { assertEquals } from "@std/assert";
import { fromCount } from "../../../src/layout/mod.ts";
import {
  COPY_FORMAT,
  COPY_RANGES,
  CopyDwords,
  CopyRange0,
  CopyRange1,
  CopyRange2,
  CopyRange3,
  CopyResult,
} from "../../../src/spec/nvm/copy.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  CopyDwords,
  "00 10 00 00 01 00 00 00 03 52 10 95 07 00 09 00 78 56 34 12 34 12 ff ff",
  {
    sdlba: 0x1_0000_1000n,
    cdw12: {
      nr: 3,
      desfmt: COPY_FORMAT.otherNamespace,
      prinfor: 5,
      cetype: 0,
      dtype: 1,
      stcw: true,
      stcr: false,
      prinfow: 5,
      fua: false,
      lr: true,
    },
    cdw13: { cev: 7, dspec: 9 },
    tagsLower: 0x1234_5678,
    cdw15: { lbat: 0x1234, lbatm: 0xffff },
  },
  "spdk_nvme_cmd_cdw12.copy; stcr, cetype and cev have one source",
  `sdlba@0:8 cdw12@8:4 cdw12.nr#0:8 cdw12.desfmt#8:4 cdw12.prinfor#12:4 cdw12.cetype#16:4
  cdw12.dtype#20:4 cdw12.stcw#24:1 cdw12.stcr#25:1 cdw12.prinfow#26:4 cdw12.fua#30:1 cdw12.lr#31:1
  cdw13@12:4 cdw13.cev#0:16 cdw13.dspec#16:16 tagsLower@16:4 cdw15@20:4 cdw15.lbat#0:16
  cdw15.lbatm#16:16`,
);

const NLB = fromCount(256, 0x1_0000);
const SLBA = "00 10 00 00 01 00 00 00 ff 00";
const TAGS = { elbat: 0x1234, elbatm: 0xfff0 };
const LONG = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

dwordTests(
  CopyRange0,
  `00 00 00 00 00 00 00 00 ${SLBA} 00 00 00 00 00 00 78 56 34 12 34 12 f0 ff`,
  { slba: 0x1_0000_1000n, nlb: NLB, elbt: 0x1234_5678, ...TAGS },
  "nvme_copy_range",
  "slba@8:8 nlb@16:2 elbt@24:4 elbat@28:2 elbatm@30:2",
);
dwordTests(
  CopyRange1,
  `00 00 00 00 00 00 00 00 ${SLBA} 00 00 00 00 00 00 00 00 01 02 03 04 05 06 07 08 09 0a
   34 12 f0 ff`,
  { slba: 0x1_0000_1000n, nlb: NLB, elbt: LONG, ...TAGS },
  "nvme_copy_range_f1",
  "slba@8:8 nlb@16:2 elbt@26:10 elbat@36:2 elbatm@38:2",
);
dwordTests(
  CopyRange2,
  `05 00 00 00 00 00 00 00 ${SLBA} 00 00 00 00 00 80 78 56 34 12 34 12 f0 ff`,
  {
    snsid: 5,
    slba: 0x1_0000_1000n,
    nlb: NLB,
    sopt: { fco: true },
    elbt: 0x1234_5678,
    ...TAGS,
  },
  "nvme_copy_range_f2",
  "snsid@0:4 slba@8:8 nlb@16:2 sopt@22:2 sopt.fco#15:1 elbt@24:4 elbat@28:2 elbatm@30:2",
);
dwordTests(
  CopyRange3,
  `05 00 00 00 00 00 00 00 ${SLBA} 00 00 00 00 00 80 00 00 01 02 03 04 05 06 07 08 09 0a
   34 12 f0 ff`,
  { snsid: 5, slba: 0x1_0000_1000n, nlb: NLB, sopt: { fco: true }, elbt: LONG, ...TAGS },
  "nvme_copy_range_f3",
  "snsid@0:4 slba@8:8 nlb@16:2 sopt@22:2 sopt.fco#15:1 elbt@26:10 elbat@36:2 elbatm@38:2",
);
dwordTests(CopyResult, "02", { range: 2 }, "qemu, nvme_copy_out_completed_cb", "range@0:4");

Deno.test("COPY_RANGES has the structures by their formats", () => {
  assertEquals(COPY_RANGES[COPY_FORMAT.otherNamespace], CopyRange2 as unknown);
  assertEquals(COPY_RANGES.map(({ size }) => size), [32, 40, 32, 40]);
});
