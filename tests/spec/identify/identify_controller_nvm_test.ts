// Identify Controller of the NVM Command Set.

import { assertEquals } from "@std/assert";
import { IdentifyControllerNvm } from "../../../src/spec/identify/identify_controller_nvm.ts";
import { CONTROLLER_NVM_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import { CONTROLLER_NVM_WITNESS } from "./witness.ts";

const VALUE = {
  vsl: 7,
  wzsl: 8,
  wusl: 9,
  dmrl: 64,
  dmrsl: 1_048_576,
  dmsl: 2n ** 63n + 1n,
  kpiocap: { value: 3, kpios: true, kpiosc: true },
  wzdsl: 10,
  aocs: { value: 1, ralbas: true },
  ver: { value: 0x00010100, ter: 0, mnr: 1, mjr: 1 },
  lbamqf: 0xc1,
};

structureTests(IdentifyControllerNvm, {
  bytes: CONTROLLER_NVM_IMAGE,
  decoded: VALUE,
  encoded: VALUE,
});

witnessTests(IdentifyControllerNvm, CONTROLLER_NVM_WITNESS);

Deno.test("IdentifyControllerNvm reads in plain words", () => {
  assertEquals(texts(IdentifyControllerNvm, CONTROLLER_NVM_IMAGE), {
    vsl: "128 × the minimum page size (512 KiB for 4 KiB pages)",
    wzsl: "256 × the minimum page size (1 MiB for 4 KiB pages)",
    wusl: "512 × the minimum page size (2 MiB for 4 KiB pages)",
    dmrl: "64",
    dmrsl: "1,048,576 blocks",
    dmsl: "9,223,372,036,854,775,809 blocks",
    kpiocap: "supported, for all namespaces at once",
    wzdsl: "1,024 × the minimum page size (4 MiB for 4 KiB pages)",
    aocs: "Get LBA Status of allocated blocks",
    ver: "1.1.0",
    lbamqf: "vendor specific (0xc1)",
  });
});

Deno.test("IdentifyControllerNvm says what zero means, and what is not known", () => {
  const words = texts(IdentifyControllerNvm, new Uint8Array(4096));
  assertEquals(words["vsl"], "not reported");
  assertEquals(words["wzdsl"], "as without Deallocate");
  assertEquals(words["lbamqf"], "type 0");
  const unknown = IdentifyControllerNvm.encode({ lbamqf: 0x12 });
  assertEquals(texts(IdentifyControllerNvm, unknown)["lbamqf"], "unknown (0x12)");
});
