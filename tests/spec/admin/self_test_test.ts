// Device Self-test against literal bytes.

import { SelfTestDword, SelfTestParameter } from "../../../src/spec/admin/self_test.ts";
import { dwordTests } from "../dwords.ts";
import { IOCTL } from "./commands_facts.ts";

dwordTests(SelfTestDword, "0f", { cdw10: { stc: 0xf } }, IOCTL, "cdw10@0:4 cdw10.stc#0:4");
dwordTests(
  SelfTestParameter,
  "34 12",
  { cdw15: { dstp: 0x1234 } },
  "one source",
  "cdw15@0:4 cdw15.dstp#0:16",
);
