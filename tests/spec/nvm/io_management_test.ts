// I/O Management Send and Receive against literal bytes.

import { fromCount } from "../../../src/layout/mod.ts";
import {
  IO_MANAGEMENT_RECEIVE,
  IO_MANAGEMENT_SEND,
  IoManagementReceiveDwords,
  IoManagementSendDword,
  ReclaimUnitDescriptor,
  ReclaimUnitStatus,
} from "../../../src/spec/nvm/io_management.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  IoManagementReceiveDwords,
  "01 00 34 12 ff 03",
  {
    cdw10: { mo: IO_MANAGEMENT_RECEIVE.reclaimUnitStatus, mos: 0x1234 },
    numd: fromCount(1024, 2 ** 32),
  },
  "spdk_nvme_cmd_cdw10.mgmt_send_recv",
  "cdw10@0:4 cdw10.mo#0:8 cdw10.mos#16:16 numd@4:4",
);
dwordTests(
  IoManagementSendDword,
  "01 00 03",
  { cdw10: { mo: IO_MANAGEMENT_SEND.reclaimUnitUpdate, npid: 3 } },
  "spdk_nvme_cmd_cdw10.mgmt_send_recv",
  "cdw10@0:4 cdw10.mo#0:8 cdw10.npid#16:16",
);
dwordTests(
  ReclaimUnitStatus,
  "00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 01",
  { nruhsd: 0x0102 },
  "nvme_fdp_ruh_status",
  "nruhsd@14:2",
);
dwordTests(
  ReclaimUnitDescriptor,
  "01 00 02 00 3c 00 00 00 00 00 00 00 01",
  { pid: 1, ruhid: 2, earutr: 60, ruamw: 0x1_0000_0000n },
  "nvme_fdp_ruh_status_desc",
  "pid@0:2 ruhid@2:2 earutr@4:4 ruamw@8:8",
);
