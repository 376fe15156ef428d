// Error Injection of the Open Compute Project against literal bytes. The places and the types were
// typed from nvme-cli's `plugins/ocp` and from illumos' `sys/nvme/ocp.h`.

import { assertEquals } from "@std/assert";
import * as ocp from "../../../src/spec/vendor/ocp_error_injection.ts";
import { structureTests } from "../../support/structure.ts";
import { dwordTests, hexBytes } from "../dwords.ts";
import { witnessTests } from "../log/witness.ts";

const SPIKE = { flags: { enable: true, single: true }, type: 0x0e, nrtdp: 0, latency: 1_000_000 };
const HANG = { flags: { enable: true, single: false }, type: 0x02, nrtdp: 0x0105, latency: 0 };
const SPIKE_BYTES = hexBytes("03 00 0e 00 00 00 00 00 40 42 0f 00");
const HANG_BYTES = hexBytes("01 00 02 00 05 01");

dwordTests(
  ocp.ErrorInjectionEntry,
  "03 00 0e 00 00 00 00 00 40 42 0f 00",
  SPIKE,
  "ocp_vuf_errinj_t, and for all but the latency erri_entry",
  "flags@0:1 type@2:2 nrtdp@4:2 latency@8:4 flags.enable#0:1 flags.single#1:1",
);
dwordTests(
  ocp.ErrorInjectionDwords,
  "7f",
  { cdw11: { num: 127 } },
  "erri_get_cq_entry",
  "cdw11@0:4 cdw11.num#0:7",
);

const page = new Uint8Array(4096);
page.set(SPIKE_BYTES);
page.set(HANG_BYTES, 32);
const nothing = { flags: {}, type: 0, nrtdp: 0, latency: 0 };
structureTests(ocp.ErrorInjectionData, {
  bytes: page,
  decoded: {
    entries: [SPIKE, HANG, ...Array.from({ length: 125 }, () => nothing)].map((
      { flags: { enable = false, single = false }, ...rest }: typeof nothing & {
        readonly flags: { readonly enable?: boolean; readonly single?: boolean };
      },
    ) => ({ flags: { enable, single, value: Number(enable) + 2 * Number(single) }, ...rest })),
  },
  encoded: { entries: [SPIKE, HANG] },
});
witnessTests(ocp.ErrorInjectionData, {
  source: "OCP_ERRINJ_MAX_INJECT and the size of ocp_vuf_errinj_t",
  facts: "entries@0:4064",
});

Deno.test("Every type of error injection has a name, and no two have the same", () => {
  const types = Object.values(ocp.INJECTION_TYPE);
  const names = types.map((type) => ocp.INJECTION_NAMES[type]);
  assertEquals(names.filter((name) => name === undefined), []);
  assertEquals(new Set(names).size, types.length);
  assertEquals(Object.keys(ocp.INJECTION_NAMES).length, types.length);
});

Deno.test("Types of error injection have the numbers that hosts use", () => {
  // enum erri_type of nvme-cli counts from 1 to 22 without a gap; ocp_errinj_type_t goes on.
  const expected = Array.from({ length: 0x22 }, (_, at) => at + 1).filter((type) => type !== 0x18);
  assertEquals(Object.values(ocp.INJECTION_TYPE), expected as never);
  assertEquals(ocp.INJECTION_TYPE.latencySpike, 14);
  assertEquals(ocp.INJECTION_TYPE.dieOffline, 22);
  assertEquals(ocp.INJECTION_TYPE.sanitizeFailure, 0x1d);
});
