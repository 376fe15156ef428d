// What each side may receive, against the table of PDU types.

import { assertEquals } from "@std/assert";
import { PDU_TYPE } from "../../src/tcp/pdu.ts";
import { controllerRules, hostRules, type ReceiveRules } from "../../src/tcp/receive_rules.ts";

function summary(rules: ReceiveRules): Record<string, readonly unknown[]> {
  return Object.fromEntries(
    Object.entries(PDU_TYPE).flatMap(([name, type]) => {
      const rule = rules[type];
      return rule ? [[name, [rule.hlen, rule.digests, rule.dataMax, rule.datalAt]]] : [];
    }),
  );
}

Deno.test("controllerRules() lets exactly the host's PDUs in", () => {
  const rules = controllerRules({ inCapsuleMax: 8192, h2cDataMax: 131072 });
  assertEquals(summary(rules), {
    icReq: [128, "none", 0, 0],
    h2cTermReq: [24, "none", 128, 0],
    capsuleCmd: [72, "both", 8192, 0],
    h2cData: [24, "both", 131072, 16],
  });
  assertEquals(rules.filter((rule) => rule !== undefined).length, 4);
});

Deno.test("hostRules() lets exactly the controller's PDUs in", () => {
  const rules = hostRules({ c2hDataMax: 65536 });
  assertEquals(summary(rules), {
    icResp: [128, "none", 0, 0],
    c2hTermReq: [24, "none", 128, 0],
    capsuleResp: [24, "header", 0, 0],
    c2hData: [24, "both", 65536, 16],
    r2t: [24, "header", 0, 0],
  });
  assertEquals(rules.filter((rule) => rule !== undefined).length, 5);
});
