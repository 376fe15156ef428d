// Get Log Page against literal dwords.

import { assertEquals, assertThrows } from "@std/assert";
import {
  dwordsOf,
  GetLogPageDwords,
  getLogPageDwords,
  parseGetLogPage,
} from "../../../src/spec/log/get_log_page.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { GET_LOG_PAGE_WITNESS, witnessTests } from "./witness.ts";

structureTests(GetLogPageDwords, {
  bytes: page(20, {
    0: "0d 83 ff ff",
    4: "03 00 34 12",
    8: "00 10 00 00 01 00 00 00",
    16: "05 00 80 02",
  }),
  decoded: {
    cdw10: { value: 0xffff830d, lid: 0x0d, lsp: 3, rae: true, numdl: 0xffff },
    cdw11: { value: 0x12340003, numdu: 3, lsi: 0x1234 },
    lpo: 0x1_0000_1000n,
    cdw14: { value: 0x02800005, uuidIndex: 5, ot: true, csi: 2 },
  },
  encoded: {
    cdw10: { lid: 0x0d, lsp: 3, rae: true, numdl: 0xffff },
    cdw11: { numdu: 3, lsi: 0x1234 },
    lpo: 0x1_0000_1000n,
    cdw14: { uuidIndex: 5, ot: true, csi: 2 },
  },
});

witnessTests(GetLogPageDwords, GET_LOG_PAGE_WITNESS);

const NOTHING = { cdw11: 0, cdw12: 0, cdw13: 0, cdw14: 0 };

Deno.test("getLogPageDwords() asks for 512 bytes with NUMD 127", () => {
  assertEquals(getLogPageDwords({ lid: 0x02, numd: dwordsOf(512) }), {
    ...NOTHING,
    cdw10: 0x007f0002,
  });
});

Deno.test("getLogPageDwords() asks for one dword with NUMD 0", () => {
  assertEquals(getLogPageDwords({ lid: 0x06, numd: dwordsOf(4) }), {
    ...NOTHING,
    cdw10: 0x00000006,
  });
});

Deno.test("getLogPageDwords() spreads NUMD over NUMDL and NUMDU", () => {
  assertEquals(getLogPageDwords({ lid: 0x07, numd: dwordsOf(0x40000) }), {
    ...NOTHING,
    cdw10: 0xffff0007,
  });
  assertEquals(getLogPageDwords({ lid: 0x07, numd: dwordsOf(0x40004) }), {
    ...NOTHING,
    cdw10: 0x00000007,
    cdw11: 0x00000001,
  });
  assertEquals(getLogPageDwords({ lid: 0x07, numd: dwordsOf(4 * 2 ** 32) }), {
    ...NOTHING,
    cdw10: 0xffff0007,
    cdw11: 0x0000ffff,
  });
});

Deno.test("getLogPageDwords() places every field", () => {
  const request = {
    lid: 0xc0,
    numd: dwordsOf(4),
    lsp: 0x7f,
    rae: true,
    lsi: 0xabcd,
    lpo: 0x1234_5678_9abc_def0n,
    uuidIndex: 0x7f,
    csi: 0x02,
    ot: true,
  };
  assertEquals(getLogPageDwords(request), {
    cdw10: 0x0000ffc0,
    cdw11: 0xabcd0000,
    cdw12: 0x9abcdef0,
    cdw13: 0x12345678,
    cdw14: 0x0280007f,
  });
  assertEquals(parseGetLogPage(getLogPageDwords(request)), request);
});

Deno.test("getLogPageDwords() refuses a byte offset between dwords, but not such an index", () => {
  assertThrows(
    () => getLogPageDwords({ lid: 2, numd: dwordsOf(4), lpo: 6n }),
    RangeError,
    "Cannot read a log page from byte 6: need a multiple of 4",
  );
  assertEquals(getLogPageDwords({ lid: 2, numd: dwordsOf(4), lpo: 6n, ot: true }).cdw12, 6);
});

Deno.test("getLogPageDwords() refuses what does not fit its field", () => {
  assertThrows(() => getLogPageDwords({ lid: 0x100, numd: dwordsOf(4) }), RangeError, '"lid"');
  assertThrows(() => getLogPageDwords({ lid: 2, numd: dwordsOf(4), lsp: 0x80 }), RangeError);
  assertThrows(() => getLogPageDwords({ lid: 2, numd: dwordsOf(4), lpo: -4n }), RangeError);
});

Deno.test("dwordsOf() refuses a part of a dword, and nothing at all", () => {
  assertThrows(
    () => dwordsOf(510),
    RangeError,
    "Cannot transfer 510 bytes of a log page: need a multiple of 4",
  );
  assertThrows(() => dwordsOf(0), RangeError, "Cannot encode a count of 0");
});

Deno.test("parseGetLogPage() reads the dwords that the kernel sends at probe", () => {
  assertEquals(parseGetLogPage({ ...NOTHING, cdw10: 0x03ff0005 }), {
    lid: 0x05,
    numd: dwordsOf(4096),
    lsp: 0,
    rae: false,
    lsi: 0,
    lpo: 0n,
    uuidIndex: 0,
    ot: false,
    csi: 0,
  });
});
