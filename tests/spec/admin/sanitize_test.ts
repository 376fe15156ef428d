// Sanitize against literal bytes.

import { SANITIZE_ACTION, SanitizeDwords } from "../../../src/spec/admin/sanitize.ts";
import { dwordTests } from "../dwords.ts";
import { IOCTL } from "./commands_facts.ts";

dwordTests(
  SanitizeDwords,
  "3b 07 00 00 ef be ad de",
  {
    cdw10: {
      sanact: SANITIZE_ACTION.overwrite,
      ause: true,
      owpass: 3,
      oipbp: true,
      ndas: true,
      emvs: true,
    },
    ovrpat: 0xdead_beef,
  },
  IOCTL,
  `cdw10@0:4 cdw10.sanact#0:3 cdw10.ause#3:1 cdw10.owpass#4:4 cdw10.oipbp#8:1 cdw10.ndas#9:1
  cdw10.emvs#10:1 ovrpat@4:4`,
);
