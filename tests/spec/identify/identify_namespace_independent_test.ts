// Identify Namespace independent of the command set.

import { assertEquals } from "@std/assert";
import { IdentifyNamespaceIndependent } from "../../../src/spec/identify/mod.ts";
import { NAMESPACE_INDEPENDENT_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import { NAMESPACE_INDEPENDENT_WITNESS } from "./witness.ts";

const PLAIN = {
  nsfeat: { value: 0x38, uidreuse: true, rmedia: true, vwcnp: true },
  nmic: { value: 3, shrns: true, disns: true },
  fpi: { value: 0x80, rfnvm: 0, fpis: true },
  anagrpid: 7,
  nsattr: { value: 1, cwp: true },
  nvmsetid: 2,
  endgid: 3,
  nstat: { value: 7, nrdy: true, ioi: 3 },
  kpios: { value: 2, kpioens: false, kpiosns: true },
  maxkt: 255,
  rgrpid: 5,
};

structureTests(IdentifyNamespaceIndependent, {
  bytes: NAMESPACE_INDEPENDENT_IMAGE,
  decoded: PLAIN,
  encoded: { ...PLAIN, rescap: { ptpls: true, ieks: true } },
});

witnessTests(IdentifyNamespaceIndependent, NAMESPACE_INDEPENDENT_WITNESS);

Deno.test("IdentifyNamespaceIndependent reads in plain words", () => {
  assertEquals(texts(IdentifyNamespaceIndependent, NAMESPACE_INDEPENDENT_IMAGE), {
    nsfeat: "NGUID and EUI64 are never reused, rotational media, no volatile write cache",
    nmic: "shared, dispersed",
    rescap: "persist through power loss, ignores the existing key as revision 1.3 says",
    fpi: "no format in progress",
    anagrpid: "7",
    nsattr: "write protected",
    nvmsetid: "2",
    endgid: "3",
    nstat: "ready, I/O performance degraded",
    kpios: "supported",
    maxkt: "255",
    rgrpid: "5",
  });
});

Deno.test("IdentifyNamespaceIndependent does not take silence for good performance", () => {
  const words = [0x00, 0x01, 0x03, 0x05].map((nstat) =>
    texts(IdentifyNamespaceIndependent, IdentifyNamespaceIndependent.encode({ nstat }))["nstat"]
  );
  assertEquals(words, [
    "not ready",
    "ready",
    "ready, I/O performance reserved",
    "ready, I/O performance not degraded",
  ]);
});
