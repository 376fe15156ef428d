// Security Send and Receive against literal bytes.

import { assertEquals } from "@std/assert";
import {
  listedProtocols,
  SECURITY_PROTOCOL,
  SECURITY_PROTOCOL_NAMES,
  SecurityReceiveDwords,
  SecuritySendDwords,
  SupportedSecurityProtocols,
} from "../../../src/spec/admin/security.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { dwordTests } from "../dwords.ts";
import { witnessTests } from "../log/witness.ts";

const WORDS = { nssf: 0, spsp0: 0x01, spsp1: 0x10, secp: 0x01 };

dwordTests(
  SecurityReceiveDwords,
  "00 01 10 01 00 02",
  { cdw10: WORDS, al: 512 },
  "spdk_nvme_cmd_cdw10.sec_send_recv",
  "cdw10@0:4 cdw10.nssf#0:8 cdw10.spsp0#8:8 cdw10.spsp1#16:8 cdw10.secp#24:8 al@4:4",
);
dwordTests(
  SecuritySendDwords,
  "00 01 10 01 00 02",
  { cdw10: WORDS, tl: 512 },
  "spdk_nvme_cmd_cdw10.sec_send_recv",
  "cdw10@0:4 cdw10.nssf#0:8 cdw10.spsp0#8:8 cdw10.spsp1#16:8 cdw10.secp#24:8 tl@4:4",
);

const IMAGE = page(512, { 6: "00 04 00 01 02 ea" });
structureTests(SupportedSecurityProtocols, {
  bytes: IMAGE,
  decoded: { length: 4 },
  encoded: { length: 4, protocols: [0x00, 0x01, 0x02, 0xea] },
});
// It reads the count from bytes 6 and 7, the protocols from byte 8 on.
witnessTests(SupportedSecurityProtocols, {
  source: "spdk, lib/nvme/nvme_opal.c",
  facts: "length@6:2 protocols@8:504",
});

Deno.test("listedProtocols() takes as many protocols as the list says", () => {
  assertEquals(listedProtocols(SupportedSecurityProtocols.decode(IMAGE)), [0, 1, 2, 0xea]);
});

Deno.test("SECURITY_PROTOCOL has a name for every protocol", () => {
  for (const [name, code] of Object.entries(SECURITY_PROTOCOL)) {
    assertEquals(typeof SECURITY_PROTOCOL_NAMES[code], "string", name);
  }
});
