// The dwords that Get Features and Set Features share.

import {
  FeatureCapabilities,
  FeatureUuidDword,
  GetFeaturesDword,
  SetFeaturesDword,
} from "../../../src/spec/feature/commands.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  GetFeaturesDword,
  "0e 03",
  { cdw10: { fid: 0x0e, sel: 3 } },
  "spdk_nvme_cmd_cdw10.get_features",
  "cdw10@0:4 cdw10.fid#0:8 cdw10.sel#8:3",
);
dwordTests(
  SetFeaturesDword,
  "04 00 00 80",
  { cdw10: { fid: 4, sv: true } },
  "spdk_nvme_cmd_cdw10.set_features",
  "cdw10@0:4 cdw10.fid#0:8 cdw10.sv#31:1",
);
dwordTests(
  FeatureUuidDword,
  "7f",
  { cdw14: { uidx: 127 } },
  "libnvme, NVME_FEATURES_CDW14_UUID",
  "cdw14@0:4 cdw14.uidx#0:7",
);
dwordTests(
  FeatureCapabilities,
  "05",
  { dw0: { saveable: true, nsSpecific: false, changeable: true } },
  "qemu, enum NvmeFeatureCap: changeable 4, namespace 2, save 1",
  "dw0@0:4 dw0.saveable#0:1 dw0.nsSpecific#1:1 dw0.changeable#2:1",
);
