// Capacity Management against literal bytes.

import {
  CAPACITY_OPERATION,
  CapacityDwords,
  CapacityResult,
} from "../../../src/spec/admin/capacity.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  CapacityDwords,
  "03 00 05 00 00 00 00 00 02",
  { cdw10: { oper: CAPACITY_OPERATION.createNvmSet, elid: 5 }, cap: 0x2_0000_0000n },
  "libnvme, nvme_capacity_mgmt: op | elid << 16, then the halves of the capacity",
  "cdw10@0:4 cdw10.oper#0:4 cdw10.elid#16:16 cap@4:8",
);
dwordTests(
  CapacityResult,
  "05",
  { dw0: { celid: 5 } },
  "one source",
  "dw0@0:4 dw0.celid#0:16",
);
