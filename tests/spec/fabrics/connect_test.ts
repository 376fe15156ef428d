// Connect and Disconnect against literal bytes.

import { assertEquals } from "@std/assert";
import {
  ConnectAccepted,
  ConnectData,
  ConnectFields,
  ConnectRefused,
  DisconnectFields,
} from "../../../src/spec/fabrics/connect.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";

const NQN = "nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const HOST = Uint8Array.from({ length: 16 }, (_, at) => at + 1);

const FIELDS = {
  recfmt: 0,
  qid: 3,
  sqsize: 127,
  cattr: { prioclass: 2, dissqfc: true, indivioqdels: true, connent: false },
  kato: 5000,
  nvmsetid: 1,
};
structureTests(ConnectFields, {
  bytes: page(24, { 2: "03 00 7f 00 0e", 8: "88 13 00 00 01 00" }),
  decoded: {
    qid: 3,
    cattr: { value: 0x0e, prioclass: 2, dissqfc: true, indivioqdels: true, connent: false },
    kato: 5000,
    nvmsetid: 1,
  },
  encoded: FIELDS,
});
// SPDK, struct spdk_nvmf_fabric_connect_cmd, from byte 40 on; nvmsetid has one source only.
witnessTests(ConnectFields, {
  source: "spdk_nvmf_fabric_connect_cmd",
  facts: `recfmt@0:2 qid@2:2 sqsize@4:2 cattr@6:1 cattr.prioclass#0:2 cattr.dissqfc#2:1
    cattr.indivioqdels#3:1 cattr.connent#4:1 kato@8:4
    nvmsetid@12:2`,
});

structureTests(ConnectData, {
  bytes: ((): Uint8Array => {
    const bytes = new Uint8Array(1024);
    bytes.set(HOST);
    bytes.set([0xff, 0xff], 16);
    bytes.set(new TextEncoder().encode(NQN), 256);
    bytes.set(new TextEncoder().encode(NQN), 512);
    return bytes;
  })(),
  decoded: { hostId: HOST, cntlid: 0xffff, subnqn: NQN, hostnqn: NQN },
  encoded: { hostId: HOST, cntlid: 0xffff, subnqn: NQN, hostnqn: NQN },
});
witnessTests(ConnectData, {
  source: "spdk_nvmf_fabric_connect_data",
  facts: "hostId@0:16 cntlid@16:2 subnqn@256:256 hostnqn@512:256",
});

structureTests(ConnectAccepted, {
  bytes: page(4, { 0: "02 01 02 00" }),
  decoded: { cntlid: 0x0102, authreq: { value: 2, atr: true, ascr: false } },
  encoded: { cntlid: 0x0102, authreq: { atr: true } },
});
witnessTests(ConnectAccepted, {
  source: "spdk_nvmf_fabric_connect_rsp.success",
  facts: "cntlid@0:2 authreq@2:2 authreq.atr#1:1 authreq.ascr#2:1",
});

structureTests(ConnectRefused, {
  bytes: page(4, { 0: "00 01 01" }),
  decoded: { ipo: 256, iattr: { value: 1, inData: true } },
  encoded: { ipo: 256, iattr: { inData: true } },
});
// The bit: Linux, nvmf_log_connect_error, which takes bit 16 of the result for the data.
witnessTests(ConnectRefused, {
  source: "spdk_nvmf_fabric_connect_rsp.invalid",
  facts: "ipo@0:2 iattr@2:1 iattr.inData#0:1",
});

structureTests(DisconnectFields, {
  bytes: page(24, { 0: "01" }),
  decoded: { recfmt: 1 },
  encoded: { recfmt: 1 },
});
witnessTests(DisconnectFields, { source: "nvmf_disconnect_command", facts: "recfmt@0:2" });

Deno.test("ConnectFields shows the size of the queue, not the 0's based field", () => {
  const fields = ConnectFields.fields(ConnectFields.decode(ConnectFields.encode(FIELDS)));
  assertEquals(fields.find(({ key }) => key === "sqsize")?.text, "128");
});
