// Property Get and Set against literal bytes.

import {
  PROPERTY_SIZE,
  PropertyGetFields,
  PropertyGetValue,
  PropertySetFields,
} from "../../../src/spec/fabrics/property.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";

const ATTRIB = { size: PROPERTY_SIZE.eightBytes };

structureTests(PropertyGetFields, {
  bytes: page(24, { 0: "01", 4: "1c 00 00 00" }),
  decoded: { attrib: { value: 1, size: 1 }, ofst: 0x1c },
  encoded: { attrib: ATTRIB, ofst: 0x1c },
});
// SPDK, struct spdk_nvmf_fabric_prop_get_cmd and so on, from byte 40 on.
witnessTests(PropertyGetFields, {
  source: "spdk_nvmf_fabric_prop_get_cmd",
  facts: "attrib@0:1 attrib.size#0:3 ofst@4:4",
});

structureTests(PropertyGetValue, {
  bytes: page(8, { 0: "01 00 46 00 02" }),
  decoded: { value: 0x2_0046_0001n },
  encoded: { value: 0x2_0046_0001n },
});
witnessTests(PropertyGetValue, { source: "spdk_nvmf_fabric_prop_get_rsp", facts: "value@0:8" });

structureTests(PropertySetFields, {
  bytes: page(24, { 4: "14 00 00 00 01 00 46" }),
  decoded: { attrib: { value: 0, size: 0 }, ofst: 0x14, value: 0x0046_0001n },
  encoded: { ofst: 0x14, value: 0x0046_0001 },
});
witnessTests(PropertySetFields, {
  source: "spdk_nvmf_fabric_prop_set_cmd",
  facts: "attrib@0:1 attrib.size#0:3 ofst@4:4 value@8:8",
});
