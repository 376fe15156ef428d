// Virtualization Management against literal bytes.

import {
  VIRTUAL_RESOURCE,
  VIRTUALIZATION_ACTION,
  VirtualizationDwords,
  VirtualizationResult,
} from "../../../src/spec/admin/virtualization.ts";
import { dwordTests } from "../dwords.ts";
import { IOCTL } from "./commands_facts.ts";

dwordTests(
  VirtualizationDwords,
  "08 01 02 00 10",
  {
    cdw10: {
      act: VIRTUALIZATION_ACTION.secondaryAssign,
      rt: VIRTUAL_RESOURCE.interrupts,
      cntlid: 2,
    },
    cdw11: { nr: 16 },
  },
  IOCTL,
  "cdw10@0:4 cdw10.act#0:4 cdw10.rt#8:3 cdw10.cntlid#16:16 cdw11@4:4 cdw11.nr#0:16",
);
dwordTests(
  VirtualizationResult,
  "10",
  { dw0: { nrm: 16 } },
  "qemu, nvme_virt_mngmt",
  "dw0@0:4 dw0.nrm#0:16",
);
