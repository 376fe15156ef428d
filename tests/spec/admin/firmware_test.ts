// Firmware Image Download and Firmware Commit against literal bytes.

import { fromCount } from "../../../src/layout/mod.ts";
import {
  COMMIT_ACTION,
  FirmwareCommitDword,
  FirmwareCommitResult,
  FirmwareDownloadDwords,
} from "../../../src/spec/admin/firmware.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  FirmwareDownloadDwords,
  "ff 03 00 00 00 04",
  { numd: fromCount(1024, 2 ** 32), ofst: 1024 },
  "linux, nvme_download_firmware",
  "numd@0:4 ofst@4:4",
);
dwordTests(
  FirmwareCommitDword,
  "1a 00 00 80",
  { cdw10: { fs: 2, ca: COMMIT_ACTION.activateNow, bpid: true } },
  "spdk_nvme_fw_commit",
  "cdw10@0:4 cdw10.fs#0:3 cdw10.ca#3:3 cdw10.bpid#31:1",
);
dwordTests(
  FirmwareCommitResult,
  "03",
  { dw0: { mudHost: true, mudManagement: true } },
  "nvme-cli, fw_commit_print_mud",
  "dw0@0:4 dw0.mudHost#0:1 dw0.mudManagement#1:1",
);
