// Lockdown against literal bytes.

import {
  LOCKDOWN_INTERFACE,
  LOCKDOWN_SCOPE,
  LockdownDword,
  LockdownUuidDword,
} from "../../../src/spec/admin/lockdown.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  LockdownDword,
  "52 0b",
  {
    cdw10: {
      scp: LOCKDOWN_SCOPE.setFeature,
      prhbt: true,
      ifc: LOCKDOWN_INTERFACE.management,
      ofi: 0x0b,
    },
  },
  "libnvme, nvme_lockdown: ofi << 8 | ifc << 5 | prhbt << 4 | scp",
  "cdw10@0:4 cdw10.scp#0:4 cdw10.prhbt#4:1 cdw10.ifc#5:2 cdw10.ofi#8:8",
);
dwordTests(
  LockdownUuidDword,
  "7f",
  { cdw14: { uidx: 127 } },
  "libnvme, nvme_lockdown, though it cuts the index to six bits",
  "cdw14@0:4 cdw14.uidx#0:7",
);
