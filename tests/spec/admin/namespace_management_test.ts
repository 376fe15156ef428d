// Namespace Management and Attachment against literal bytes.

import { assertEquals } from "@std/assert";
import {
  ATTACHMENT_SELECT,
  MANAGEMENT_SELECT,
  NamespaceAttachmentDword,
  NamespaceCreateData,
  NamespaceManagementDwords,
  NamespaceManagementResult,
} from "../../../src/spec/admin/namespace_management.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { dwordTests } from "../dwords.ts";
import { witnessTests } from "../log/witness.ts";
import { IOCTL } from "./commands_facts.ts";

dwordTests(
  NamespaceManagementDwords,
  "01 00 00 00 00 00 00 02",
  { cdw10: { sel: MANAGEMENT_SELECT.delete }, cdw11: { csi: 2 } },
  IOCTL,
  "cdw10@0:4 cdw10.sel#0:4 cdw11@4:4 cdw11.csi#24:8",
);
dwordTests(
  NamespaceManagementResult,
  "05",
  { nsid: 5 },
  "libnvme, nvme_ns_mgmt_create",
  "nsid@0:4",
);
dwordTests(
  NamespaceAttachmentDword,
  "01",
  { cdw10: { sel: ATTACHMENT_SELECT.detach } },
  IOCTL,
  "cdw10@0:4 cdw10.sel#0:4",
);

const CREATE = {
  nsze: 0x10_0000n,
  ncap: 0x0f_0000n,
  flbas: { fidxl: 2, mtelba: true, fidxu: 1 },
  dps: { pit: 1, pip: true },
  nmic: { shrns: true, disns: false },
  anagrpid: 7,
  nvmsetid: 3,
  endgid: 4,
  lbstm: 0xff00n,
  nphndls: 2,
  znsco: { azrwa: true },
  rar: 5,
  ror: 6,
  rnumzrwa: 8,
};
structureTests(NamespaceCreateData, {
  bytes: page(4096, {
    0: "00 00 10 00 00 00 00 00 00 00 0f",
    26: "32",
    29: "09 01",
    92: "07",
    100: "03 00 04 00",
    384: "00 ff",
    392: "02",
    499: "01 05 00 00 00 06 00 00 00 08",
    512: "0a 00 0b",
  }),
  decoded: {
    nsze: CREATE.nsze,
    ncap: CREATE.ncap,
    flbas: { ...CREATE.flbas, value: 0x32 },
    dps: { ...CREATE.dps, value: 0x09 },
    nmic: { ...CREATE.nmic, value: 0x01 },
    anagrpid: 7,
    nvmsetid: 3,
    endgid: 4,
    lbstm: 0xff00n,
    nphndls: 2,
    rar: 5,
    ror: 6,
    rnumzrwa: 8,
  },
  encoded: { ...CREATE, phndl: [10, 11] },
});
// The bits: libnvme, enum nvme_id_ns_flbas, nvme_id_ns_dps and nvme_id_ns_nmic.
witnessTests(NamespaceCreateData, {
  source: "nvme_ns_mgmt_host_sw_specified",
  facts: `nsze@0:8 ncap@8:8 flbas@26:1 flbas.fidxl#0:4 flbas.mtelba#4:1 flbas.fidxu#5:2 dps@29:1
    dps.pit#0:3 dps.pip#3:1 nmic@30:1 nmic.shrns#0:1 nmic.disns#1:1 anagrpid@92:4 nvmsetid@100:2
    endgid@102:2 lbstm@384:8 nphndls@392:2 znsco@499:1 znsco.azrwa#0:1 rar@500:4 ror@504:4
    rnumzrwa@508:4 phndl@512:256`,
});

Deno.test("NamespaceCreateData has its fields where Identify Namespace has them", () => {
  for (
    const name of [
      "nsze",
      "ncap",
      "flbas",
      "dps",
      "nmic",
      "anagrpid",
      "nvmsetid",
      "endgid",
    ] as const
  ) {
    const ours = NamespaceCreateData.row(name);
    const theirs = IdentifyNamespace.row(name);
    assertEquals([ours.first, ours.last], [theirs.first, theirs.last], name);
  }
});
