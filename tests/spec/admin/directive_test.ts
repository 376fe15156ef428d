// Directives against literal bytes.

import { fromCount } from "../../../src/layout/mod.ts";
import {
  AllocateStreamsDword,
  AllocateStreamsResult,
  DIRECTIVE,
  DIRECTIVE_SEND,
  DirectiveDwords,
  DirectiveParameters,
  EnableDirectiveDword,
  StreamsParameters,
} from "../../../src/spec/admin/directive.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { dwordTests } from "../dwords.ts";
import { witnessTests } from "../log/witness.ts";

dwordTests(
  DirectiveDwords,
  "ff 03 00 00 02 01 34 12",
  {
    numd: fromCount(1024, 2 ** 32),
    cdw11: {
      doper: DIRECTIVE_SEND.streamsReleaseResources,
      dtype: DIRECTIVE.streams,
      dspec: 0x1234,
    },
  },
  "spdk_nvme_cmd_cdw11.directive",
  "numd@0:4 cdw11@4:4 cdw11.doper#0:8 cdw11.dtype#8:8 cdw11.dspec#16:16",
);
// libnvme has the directive one bit above the enable bit; Linux and the specification at 15:8.
dwordTests(
  EnableDirectiveDword,
  "01 02",
  { cdw12: { endir: true, tdtype: DIRECTIVE.dataPlacement } },
  "linux, nvme_directive_cmd.endir and .tdtype",
  "cdw12@0:4 cdw12.endir#0:1 cdw12.tdtype#8:8",
);
dwordTests(
  AllocateStreamsDword,
  "08",
  { cdw12: { nsr: 8 } },
  "libnvme, nvme_directive_recv_stream_allocate",
  "cdw12@0:4 cdw12.nsr#0:16",
);
dwordTests(
  AllocateStreamsResult,
  "04",
  { dw0: { nsa: 4 } },
  "libnvme, nvme_directive_recv_stream_allocate",
  "dw0@0:4 dw0.nsa#0:16",
);

const ALL = { idd: true, sdd: true, dpd: true };
const PLACEMENT = { idd: true, sdd: false, dpd: true };
structureTests(DirectiveParameters, {
  bytes: page(4096, { 0: "07", 32: "05", 64: "04" }),
  decoded: {
    supported: { ...ALL, value: 7 },
    enabled: { ...PLACEMENT, value: 5 },
    persistent: { idd: false, sdd: false, dpd: true, value: 4 },
  },
  encoded: { supported: ALL, enabled: PLACEMENT, persistent: { dpd: true } },
});
witnessTests(DirectiveParameters, {
  source: "spdk_nvme_ns_identify_directive_param",
  facts: `supported@0:1 supported.idd#0:1 supported.sdd#1:1 supported.dpd#2:1
    enabled@32:1 enabled.idd#0:1 enabled.sdd#1:1 enabled.dpd#2:1
    persistent@64:1 persistent.idd#0:1 persistent.sdd#1:1 persistent.dpd#2:1`,
});

dwordTests(
  StreamsParameters,
  "10 00 08 00 04 00 01 00 00 00 00 00 00 00 00 00 20 00 00 00 40 00 02 00 01 00",
  {
    msl: 16,
    nssa: 8,
    nsso: 4,
    nssc: { ssid: true },
    sws: 32,
    sgs: 64,
    nsa: 2,
    nso: 1,
  },
  "spdk_nvme_ns_streams_data",
  `msl@0:2 nssa@2:2 nsso@4:2 nssc@6:1 nssc.ssid#0:1 sws@16:4 sgs@20:2 nsa@22:2 nso@24:2`,
);
