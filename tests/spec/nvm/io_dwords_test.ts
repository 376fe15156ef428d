// The dwords of commands that name blocks, against literal bytes.

import { assertEquals } from "@std/assert";
import {
  CompareDwords,
  ReadDwords,
  WriteDwords,
  WriteUncorrectableDwords,
  WriteZeroesDwords,
} from "../../../src/spec/nvm/io_dwords.ts";
import { composeDwords, parseDwords } from "../../../src/spec/words.ts";
import { dwordTests } from "../dwords.ts";

// SPDK, union spdk_nvme_cmd_cdw12 and cdw13; what SPDK has as one field of three checks, libnvme,
// enum nvme_io_control_flags, has bit by bit. CETYPE has one source.
const CHECKS = `cdw12.prchkRef#26:1 cdw12.prchkApp#27:1 cdw12.prchkGuard#28:1 cdw12.pract#29:1
  cdw12.fua#30:1 cdw12.lr#31:1`;
const TAGS = "tagsLower@16:4 cdw15@20:4 cdw15.lbat#0:16 cdw15.lbatm#16:16";
const SOURCE = "spdk_nvme_cmd_cdw12 and enum nvme_io_control_flags";
const CDW15 = { lbat: 0x1234, lbatm: 0xffff };
const LAST = "78 56 34 12 34 12 ff ff";

dwordTests(
  ReadDwords,
  `00 10 00 00 01 00 00 00 07 00 00 d5 76 00 00 00 ${LAST}`,
  {
    slba: 0x1_0000_1000n,
    cdw12: {
      nlb: 7,
      cetype: 0,
      stc: true,
      prchkRef: true,
      prchkApp: false,
      prchkGuard: true,
      pract: false,
      fua: true,
      lr: true,
    },
    cdw13: { af: 6, al: 3, sr: true, incprs: false },
    tagsLower: 0x1234_5678,
    cdw15: CDW15,
  },
  SOURCE,
  `slba@0:8 cdw12@8:4 cdw12.nlb#0:16 cdw12.cetype#16:4 cdw12.stc#24:1 ${CHECKS}
  cdw13@12:4 cdw13.af#0:4 cdw13.al#4:2 cdw13.sr#6:1 cdw13.incprs#7:1 ${TAGS}`,
);
dwordTests(
  WriteDwords,
  `00 10 00 00 01 00 00 00 07 00 13 68 04 00 05 00 ${LAST}`,
  {
    slba: 0x1_0000_1000n,
    cdw12: {
      nlb: 7,
      cetype: 3,
      dtype: 1,
      stc: false,
      prchkRef: false,
      prchkApp: true,
      prchkGuard: false,
      pract: true,
      fua: true,
      lr: false,
    },
    cdw13: { af: 4, al: 0, sr: false, incprs: false, dspec: 5 },
    tagsLower: 0x1234_5678,
    cdw15: CDW15,
  },
  SOURCE,
  `slba@0:8 cdw12@8:4 cdw12.nlb#0:16 cdw12.cetype#16:4 cdw12.dtype#20:4 cdw12.stc#24:1 ${CHECKS}
  cdw13@12:4 cdw13.af#0:4 cdw13.al#4:2 cdw13.sr#6:1 cdw13.incprs#7:1 cdw13.dspec#16:16 ${TAGS}`,
);
dwordTests(
  CompareDwords,
  `00 10 00 00 01 00 00 00 07 00 00 9c 02 00 00 00 ${LAST}`,
  {
    slba: 0x1_0000_1000n,
    cdw12: {
      nlb: 7,
      cetype: 0,
      stc: false,
      prchkRef: true,
      prchkApp: true,
      prchkGuard: true,
      pract: false,
      fua: false,
      lr: true,
    },
    cdw13: 2,
    tagsLower: 0x1234_5678,
    cdw15: CDW15,
  },
  SOURCE,
  `slba@0:8 cdw12@8:4 cdw12.nlb#0:16 cdw12.cetype#16:4 cdw12.stc#24:1 ${CHECKS} cdw13@12:4 ${TAGS}`,
);
dwordTests(
  WriteZeroesDwords,
  `00 10 00 00 01 00 00 00 07 00 80 02 00 00 00 00 ${LAST}`,
  {
    slba: 0x1_0000_1000n,
    cdw12: {
      nlb: 7,
      cetype: 0,
      nsz: true,
      stc: false,
      deac: true,
      prchkRef: false,
      prchkApp: false,
      prchkGuard: false,
      pract: false,
      fua: false,
      lr: false,
    },
    cdw13: 0,
    tagsLower: 0x1234_5678,
    cdw15: CDW15,
  },
  SOURCE,
  `slba@0:8 cdw12@8:4 cdw12.nlb#0:16 cdw12.cetype#16:4 cdw12.nsz#23:1 cdw12.stc#24:1
  cdw12.deac#25:1 ${CHECKS} cdw13@12:4 ${TAGS}`,
);
dwordTests(
  WriteUncorrectableDwords,
  "00 10 00 00 01 00 00 00 07 00",
  { slba: 0x1_0000_1000n, cdw12: { nlb: 7 } },
  "linux, nvme_rw_command",
  "slba@0:8 cdw12@8:4 cdw12.nlb#0:16",
);

Deno.test("WriteDwords goes through the six dwords of an entry", () => {
  const dwords = composeDwords(WriteDwords, {
    slba: 0x1_0000_0002n,
    cdw12: { nlb: 7, fua: true },
    cdw15: { lbat: 1 },
  });
  assertEquals(dwords, {
    cdw10: 2,
    cdw11: 1,
    cdw12: 0x4000_0007,
    cdw13: 0,
    cdw14: 0,
    cdw15: 1,
  });
  assertEquals(parseDwords(WriteDwords, dwords).slba, 0x1_0000_0002n);
});
