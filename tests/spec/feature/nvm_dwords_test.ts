// Set Features dwords of the command sets' own features.

import * as d from "../../../src/spec/feature/nvm_dwords.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  d.LbaRangeTypeDwords,
  "01",
  { cdw11: { num: 1 } },
  "spdk_nvme_feat_lba_range_type",
  "cdw11@0:4 cdw11.num#0:6",
);
dwordTests(
  d.LbaRangeTypeResult,
  "3f",
  { dw0: { num: 63 } },
  "enum nvme_feat",
  "dw0@0:4 dw0.num#0:6",
);
dwordTests(
  d.ErrorRecoveryDwords,
  "0a 00 01",
  { cdw11: { tler: 10, dulbe: true } },
  "spdk_nvme_feat_error_recovery",
  "cdw11@0:4 cdw11.tler#0:16 cdw11.dulbe#16:1",
);
dwordTests(
  d.WriteAtomicityDwords,
  "01",
  { cdw11: { dn: true } },
  "spdk_nvme_feat_write_atomicity",
  "cdw11@0:4 cdw11.dn#0:1",
);
dwordTests(
  d.LbaStatusDwords,
  "0a 00 14 00",
  { cdw11: { lsiri: 10, lsipi: 20 } },
  "enum nvme_feat",
  "cdw11@0:4 cdw11.lsiri#0:16 cdw11.lsipi#16:16",
);
dwordTests(
  d.PerformanceDwords,
  "c0 01",
  { cdw11: { attri: 0xc0, rvspa: true } },
  "enum nvme_feat",
  "cdw11@0:4 cdw11.attri#0:8 cdw11.rvspa#8:1",
);
dwordTests(
  d.KeyValueDwords,
  "01",
  { cdw11: { ednek: true } },
  "one source",
  "cdw11@0:4 cdw11.ednek#0:1",
);
