// Format NVM against literal bytes.

import { FormatDword, SECURE_ERASE } from "../../../src/spec/admin/format_nvm.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  FormatDword,
  "53 25",
  {
    cdw10: {
      lbafl: 3,
      mset: true,
      pi: 2,
      pil: true,
      ses: SECURE_ERASE.cryptographic,
      lbafu: 2,
    },
  },
  "spdk_nvme_format",
  `cdw10@0:4 cdw10.lbafl#0:4 cdw10.mset#4:1 cdw10.pi#5:3 cdw10.pil#8:1 cdw10.ses#9:3
  cdw10.lbafu#12:2`,
);
