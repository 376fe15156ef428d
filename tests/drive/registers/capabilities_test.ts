// What the capability registers of each kind of drive say.

import { assertEquals } from "@std/assert";
import {
  capabilities,
  isFabricsProperty,
  readyTimeouts,
} from "../../../src/drive/registers/capabilities.ts";
import { CAP, CRTO } from "../../../src/spec/registers.ts";
import { personality } from "../bench.ts";

Deno.test("CAP of the default drive says what its queues, pages and resets are like", () => {
  // MQES 3FFh, CQR, TO 20, NSSRS, NCSS and IOCSS, MPSMAX 4, CRWMS.
  assertEquals(capabilities(personality("")), 0x0840_0830_1401_03ffn);
});

Deno.test("CAP of an old drive has no bits from later revisions", () => {
  const { ncss, iocss, crwms, crims, nssrs } = CAP.parse(capabilities(personality("old")));
  assertEquals({ ncss, iocss, crwms, crims, nssrs }, {
    ncss: true,
    iocss: false,
    crwms: false,
    crims: false,
    nssrs: true,
  });
  assertEquals(readyTimeouts(personality("old")), 0);
});

Deno.test("the announced timeouts cover the time that a drive takes to become ready", () => {
  const slow = { ...personality(""), readyMs: 30_001 };
  assertEquals(CAP.parse(capabilities(slow)).to, 61);
  assertEquals(CRTO.parse(readyTimeouts(slow)).crwmt, 61);
  const slowest = { ...personality(""), readyMs: 200_000 };
  assertEquals(CAP.parse(capabilities(slowest)).to, 255);
  assertEquals(CRTO.parse(readyTimeouts(slowest)).crwmt, 400);
});

Deno.test("queue size and doorbell stride are those of the personality", () => {
  const odd = { ...personality(""), queueEntries: 65_536, doorbellStride: 3 };
  const { mqes, dstrd } = CAP.parse(capabilities(odd));
  assertEquals({ mqes, dstrd }, { mqes: 65_535, dstrd: 3 });
});

Deno.test("fabrics know six properties, each in its own width", () => {
  const found = [];
  for (let offset = 0; offset < 0x2000; offset++) {
    for (const size of [1, 2, 4, 8]) {
      if (isFabricsProperty(offset, size)) found.push([offset, size]);
    }
  }
  assertEquals(found, [[0x00, 8], [0x08, 4], [0x14, 4], [0x1c, 4], [0x20, 4], [0x68, 4]]);
});
