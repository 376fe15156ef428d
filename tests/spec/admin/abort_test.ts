// Abort against literal bytes.

import { AbortDword, AbortResult } from "../../../src/spec/admin/abort.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  AbortDword,
  "01 00 34 12",
  { cdw10: { sqid: 1, cid: 0x1234 } },
  "spdk_nvme_cmd_cdw10.abort",
  "cdw10@0:4 cdw10.sqid#0:16 cdw10.cid#16:16",
);
dwordTests(
  AbortResult,
  "01",
  { dw0: { ianp: true } },
  "spdk, lib/nvmf: bit 0 of cdw0 says that a command was not aborted",
  "dw0@0:4 dw0.ianp#0:1",
);
