// Tests of the Identify structures beyond the two that every command needs.

import { assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  commandSetControllerBytes,
  commandSetNamespaceBytes,
  controllerList,
  descriptorBytes,
  independentNamespaceBytes,
  listedNamespaces,
  listPage,
  namespaceLists,
} from "../../src/controller/identify_structures.ts";
import { UnreachableError } from "../../src/errors.ts";
import { encodeControllerList, NamespaceList } from "../../src/spec/identify/identify_lists.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { scriptedTransport } from "../support/scripted.ts";

function nsids(identifiers: readonly number[]): Uint8Array {
  return NamespaceList.encode({ identifiers });
}

Deno.test("controllerList() asks CNS 13h, or 12h for one namespace", async () => {
  const transport = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 0x13, nsid: 0 }, data: encodeControllerList([0, 5]) },
    { expect: { opcode: 0x06, cdw10: 0x12, nsid: 7 }, data: encodeControllerList([5]) },
  ]);
  const drive = new Drive(transport);
  assertEquals(await controllerList(drive), [0, 5]);
  assertEquals(await controllerList(drive, 7), [5]);
  transport.done();
});

Deno.test("controllerList() goes on behind the last identifier of a full page", async () => {
  const full = Array.from({ length: 2047 }, (_, at) => at + 1);
  const transport = scriptedTransport([
    { expect: { cdw10: 0x0000_0013 }, data: encodeControllerList(full) },
    { expect: { cdw10: 0x0800_0013 }, data: encodeControllerList([3000]) },
  ]);
  assertEquals(await controllerList(new Drive(transport)), [...full, 3000]);
  transport.done();
});

Deno.test("controllerList() ends when a drive repeats a full page", async () => {
  const full = encodeControllerList(Array.from({ length: 2047 }, (_, at) => at));
  const transport = scriptedTransport([{ expect: {}, data: full }, { expect: {}, data: full }]);
  assertEquals((await controllerList(new Drive(transport))).length, 2047);
  transport.done();
});

Deno.test("namespaceLists() has no allocated list where the drive refuses it", async () => {
  const transport = scriptedTransport([
    { expect: { cdw10: 0x02, nsid: 0 }, data: nsids([1, 4]) },
    { expect: { cdw10: 0x10, nsid: 0 }, status: 0x0002 },
  ]);
  assertEquals(await namespaceLists(new Drive(transport)), {
    active: [1, 4],
    allocated: undefined,
  });
});

Deno.test("namespaceLists() does not take a lost drive for one without the list", async () => {
  const transport = scriptedTransport([
    { expect: { cdw10: 0x02 }, data: nsids([1]) },
    { expect: { cdw10: 0x10 }, error: new UnreachableError("Cannot reach it: gone") },
  ]);
  await assertRejects(() => namespaceLists(new Drive(transport)), UnreachableError);
});

Deno.test("listedNamespaces() asks active ones with CNS 00h and the others with 11h", async () => {
  const data = (nsze: bigint): Uint8Array => IdentifyNamespace.encode({ nsze });
  const transport = scriptedTransport([
    { expect: { cdw10: 0x00, nsid: 1 }, data: data(10n) },
    { expect: { cdw10: 0x11, nsid: 3 }, data: data(30n) },
  ]);
  const found = await listedNamespaces(new Drive(transport), { active: [1], allocated: [3, 1] });
  assertEquals(found.map(({ nsid, active, identify }) => [nsid, active, identify.nsze]), [
    [1, true, 10n],
    [3, false, 30n],
  ]);
  transport.done();
});

Deno.test("the other structures are asked for with their CNS, namespace and command set", async () => {
  const transport = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 0x03, nsid: 2, length: 4096 } },
    { expect: { opcode: 0x06, cdw10: 0x06, cdw11: 0, nsid: 0 } },
    { expect: { opcode: 0x06, cdw10: 0x05, cdw11: 0, nsid: 2 } },
    { expect: { opcode: 0x06, cdw10: 0x08, nsid: 2 } },
    { expect: { opcode: 0x06, cdw10: 0x02, nsid: 0 } },
  ]);
  const drive = new Drive(transport);
  await descriptorBytes(drive, 2);
  await commandSetControllerBytes(drive);
  await commandSetNamespaceBytes(drive, 2);
  await independentNamespaceBytes(drive, 2);
  await listPage(drive, 0x02, 0);
  transport.done();
});
