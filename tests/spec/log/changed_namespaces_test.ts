// The Changed Attached Namespace List log page.

import { assertEquals } from "@std/assert";
import {
  changedNamespaces,
  ChangedNamespacesLog,
  ChangedNamespacesPage,
} from "../../../src/spec/log/changed_namespaces.ts";
import { CHANGED_NAMESPACES_IMAGE, CHANGED_TOO_MANY_IMAGE } from "../../golden/log/images.ts";
import { structureTests } from "../../support/structure.ts";
import { NOTHING } from "./controllers.ts";
import { CHANGED_NAMESPACES_WITNESS, witnessTests } from "./witness.ts";

structureTests(ChangedNamespacesLog, {
  bytes: CHANGED_NAMESPACES_IMAGE,
  decoded: { identifiers: [1, 2, 7, ...Array.from({ length: 1021 }, () => 0)] },
  encoded: { identifiers: [1, 2, 7] },
});

witnessTests(ChangedNamespacesLog, CHANGED_NAMESPACES_WITNESS);

const LOG = ChangedNamespacesLog.decode(CHANGED_NAMESPACES_IMAGE);
const TOO_MANY = ChangedNamespacesLog.decode(CHANGED_TOO_MANY_IMAGE);

Deno.test("changedNamespaces() drops the zeros after the last identifier", () => {
  assertEquals(changedNamespaces(LOG), { tooMany: false, nsids: [1, 2, 7] });
});

Deno.test("changedNamespaces() takes FFFFFFFFh for more than fit, not for a namespace", () => {
  assertEquals(changedNamespaces(TOO_MANY), { tooMany: true, nsids: [] });
});

Deno.test("ChangedNamespacesPage.table() says how many changed, or that it cannot", () => {
  const table = ChangedNamespacesPage.table?.(LOG);
  assertEquals(table?.rows, [["1"], ["2"], ["7"]]);
  assertEquals(table?.note, "3 attached namespaces changed since the log was last read");
  assertEquals(
    ChangedNamespacesPage.table?.(TOO_MANY).note,
    "more namespaces changed than the log can name; read all of them again",
  );
  assertEquals(
    ChangedNamespacesPage.table?.(ChangedNamespacesLog.decode(new Uint8Array(4096))).note,
    "no attached namespaces changed since the log was last read",
  );
});

Deno.test("ChangedNamespacesPage is there where OAES bit 8 promises its event", () => {
  assertEquals(ChangedNamespacesPage.supportedBy({ ...NOTHING, oaes: 0x100 }), true);
  assertEquals(ChangedNamespacesPage.supportedBy({ ...NOTHING, oaes: 0x200 }), undefined);
});

Deno.test("ChangedNamespacesPage.json() lists the namespaces", () => {
  assertEquals(ChangedNamespacesPage.json(LOG), { too_many: false, namespaces: [1, 2, 7] });
});
