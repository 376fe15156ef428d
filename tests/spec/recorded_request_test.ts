// Tests of which recorded questions are the same.

import { assertEquals } from "@std/assert";
import { plainRequest } from "../../src/spec/recorded_request.ts";
import { type RecordedRequest, requestKey } from "../../src/spec/recording.ts";

function keyOf(request: RecordedRequest): string {
  return requestKey(plainRequest(request));
}

Deno.test("Identify: what a structure does not use makes no difference", () => {
  assertEquals(keyOf({ kind: "identify", id: 1, cntid: 7, cnssid: 3, csi: 2 }), "identify 01");
  assertEquals(keyOf({ kind: "identify", id: 0x13, cntid: 7 }), "identify 13 cntid=7");
  assertEquals(keyOf({ kind: "identify", id: 5, nsid: 1, csi: 2 }), "identify 05 nsid=1 csi=2");
  // A drive may refuse a namespace where none belongs.
  assertEquals(keyOf({ kind: "identify", id: 1, nsid: 3 }), "identify 01 nsid=3");
  // Nobody knows what a vendor's structure looks at.
  assertEquals(keyOf({ kind: "identify", id: 0xc0, cntid: 7 }), "identify c0 cntid=7");
});

Deno.test("log pages: both ways to mean the controller are one, and SMART has no parameter", () => {
  for (const nsid of [0, 0xffffffff]) {
    assertEquals(keyOf({ kind: "log", id: 2, nsid, lsp: 1, lsi: 1, csi: 1 }), "log 02");
  }
  assertEquals(keyOf({ kind: "log", id: 2, nsid: 1 }), "log 02 nsid=1");
  assertEquals(keyOf({ kind: "log", id: 9, lsi: 2 }), "log 09 lsi=2");
  assertEquals(keyOf({ kind: "log", id: 7, lsp: 1 }), "log 07");
  assertEquals(keyOf({ kind: "log", id: 0x0c, lsp: 1 }), "log 0c lsp=1");
  assertEquals(keyOf({ kind: "log", id: 0xc0, lsp: 1, lsi: 2 }), "log c0 lsp=1 lsi=2");
});

Deno.test("features: dword 11 counts as far as it selects, namespaces where there are any", () => {
  assertEquals(keyOf({ kind: "feature", id: 6, nsid: 1, cdw11: 9 }), "feature 06");
  assertEquals(keyOf({ kind: "feature", id: 5, nsid: 1 }), "feature 05 nsid=1");
  assertEquals(keyOf({ kind: "feature", id: 4, cdw11: 0x11_0157 }), "feature 04 cdw11=110000");
  assertEquals(keyOf({ kind: "feature", id: 0xd0, cdw11: 0x157 }), "feature d0 cdw11=157");
});
