// Authentication Send and Receive against literal bytes.

import {
  AUTHENTICATION_SPSP,
  AuthenticationReceiveFields,
  AuthenticationSendFields,
} from "../../../src/spec/fabrics/authentication.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";

const MESSAGE = { ...AUTHENTICATION_SPSP, secp: 0xe9 };

structureTests(AuthenticationReceiveFields, {
  bytes: page(24, { 1: "01 01 e9 00 10" }),
  decoded: { ...MESSAGE, al: 4096 },
  encoded: { ...MESSAGE, al: 4096 },
});
witnessTests(AuthenticationReceiveFields, {
  source: "spdk_nvmf_fabric_auth_recv_cmd",
  facts: "spsp0@1:1 spsp1@2:1 secp@3:1 al@4:4",
});

structureTests(AuthenticationSendFields, {
  bytes: page(24, { 1: "01 01 e9 10" }),
  decoded: { ...MESSAGE, tl: 16 },
  encoded: { ...MESSAGE, tl: 16 },
});
witnessTests(AuthenticationSendFields, {
  source: "spdk_nvmf_fabric_auth_send_cmd",
  facts: "spsp0@1:1 spsp1@2:1 secp@3:1 tl@4:4",
});
