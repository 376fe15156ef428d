// Primary and secondary controllers.

import { assertEquals } from "@std/assert";
import {
  listedSecondaryControllers,
  PrimaryController,
  SecondaryController,
  SecondaryControllerList,
} from "../../../src/spec/identify/virtualization.ts";
import { PRIMARY_CONTROLLER_IMAGE, SECONDARY_LIST_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import {
  PRIMARY_CONTROLLER_WITNESS,
  SECONDARY_ENTRY_WITNESS,
  SECONDARY_LIST_WITNESS,
} from "./witness.ts";

const PRIMARY = {
  cntlid: 1,
  portid: 2,
  crt: { value: 3, vqrs: true, virs: true },
  vqfrt: 128,
  vqrfa: 64,
  vqrfap: 16,
  vqprt: 8,
  vqfrsm: 32,
  vqgran: 2,
  vifrt: 256,
  virfa: 48,
  virfap: 12,
  viprt: 9,
  vifrsm: 33,
  vigran: 3,
};

const ONLINE = {
  scid: 2,
  pcid: 1,
  scs: { value: 1, ols: true },
  vfn: 1,
  nvq: 4,
  nvi: 5,
};

structureTests(PrimaryController, {
  bytes: PRIMARY_CONTROLLER_IMAGE,
  decoded: PRIMARY,
  encoded: PRIMARY,
});
structureTests(SecondaryController, {
  bytes: SECONDARY_LIST_IMAGE.subarray(32, 64),
  decoded: ONLINE,
  encoded: ONLINE,
});
structureTests(SecondaryControllerList, {
  bytes: SECONDARY_LIST_IMAGE,
  decoded: { nument: 2 },
  encoded: { nument: 2, entries: [ONLINE, { scid: 3, pcid: 1, vfn: 2 }] },
});

witnessTests(PrimaryController, PRIMARY_CONTROLLER_WITNESS);
witnessTests(SecondaryController, SECONDARY_ENTRY_WITNESS);
witnessTests(SecondaryControllerList, SECONDARY_LIST_WITNESS);

Deno.test("SecondaryController says whether it is online", () => {
  const entries = listedSecondaryControllers(SecondaryControllerList.decode(SECONDARY_LIST_IMAGE));
  assertEquals(entries.map(({ scid, scs }) => [scid, scs.ols]), [[2, true], [3, false]]);
  assertEquals(texts(SecondaryController, SECONDARY_LIST_IMAGE.subarray(32, 64))["scs"], "online");
  assertEquals(texts(SecondaryController, SECONDARY_LIST_IMAGE.subarray(64, 96))["scs"], "offline");
});

Deno.test("PrimaryController names its resources", () => {
  const words = texts(PrimaryController, PRIMARY_CONTROLLER_IMAGE);
  assertEquals(words["crt"], "virtual queues, virtual interrupts");
});
