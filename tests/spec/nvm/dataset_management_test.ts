// Dataset Management against literal bytes.

import { DatasetManagementDwords, DatasetRange } from "../../../src/spec/nvm/dataset_management.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  DatasetManagementDwords,
  "ff 00 00 00 06",
  { cdw10: { nr: 255 }, cdw11: { idr: false, idw: true, ad: true } },
  "spdk_nvme_cmd_cdw10.dsm and spdk_nvme_cmd_cdw11.dsm",
  "cdw10@0:4 cdw10.nr#0:8 cdw11@4:4 cdw11.idr#0:1 cdw11.idw#1:1 cdw11.ad#2:1",
);
dwordTests(
  DatasetRange,
  "35 05 00 08 00 01 00 00 00 10 00 00 01 00 00 00",
  {
    cattr: { af: 5, al: 3, sr: true, sw: false, wp: true, cas: 8 },
    nlb: 256,
    slba: 0x1_0000_1000n,
  },
  "spdk_nvme_dsm_range",
  `cattr@0:4 cattr.af#0:4 cattr.al#4:2 cattr.sr#8:1 cattr.sw#9:1 cattr.wp#10:1 cattr.cas#24:8
  nlb@4:4 slba@8:8`,
);
