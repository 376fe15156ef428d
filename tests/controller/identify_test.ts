// Identify: the dwords of each request, lists over several pages, and the choice of a namespace.

import { assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  chooseNamespace,
  identify,
  identifyController,
  identifyControllerBytes,
  identifyNamespace,
  namespaceList,
} from "../../src/controller/identify.ts";
import { StatusError, UsageError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, type Scripted, scriptedTransport } from "../support/scripted.ts";

function drive(
  script: readonly Exchange[],
  options: { nsid?: number } = {},
): readonly [Drive, Scripted] {
  const transport = scriptedTransport(script, options);
  return [new Drive(transport), transport];
}

/** A page of a namespace list. */
function page(...nsids: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  nsids.forEach((nsid, at) => view.setUint32(4 * at, nsid, true));
  return bytes;
}

function list(after: number, ...nsids: readonly number[]): Exchange {
  return { expect: { opcode: 0x06, cdw10: 0x02, nsid: after }, data: page(...nsids) };
}

function upTo(count: number, from = 1): readonly number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}

Deno.test("identify() puts every part of a request where the specification has it", async () => {
  const [asked] = drive([{
    expect: {
      queue: "admin",
      opcode: 0x06,
      nsid: 0xfffffffe,
      cdw10: 0xabcd0013,
      cdw11: 0xfe001234,
      cdw14: 0x7f,
      direction: "in",
      length: 4096,
    },
  }]);
  await identify(asked, {
    cns: 0x13,
    nsid: 0xfffffffe,
    cntid: 0xabcd,
    cnssid: 0x1234,
    csi: 0xfe,
    uuidIndex: 0x7f,
  }, "identify it");
});

Deno.test("identify() leaves what was not asked for at zero", async () => {
  const [asked] = drive([{ expect: { nsid: 0, cdw10: 1, cdw11: 0, cdw14: 0 } }]);
  await identify(asked, { cns: 1 }, "identify it");
});

Deno.test("Identify Controller is asked for once", async () => {
  const data = IdentifyController.encode({ sn: "S1", mn: "M", vid: 0x144d });
  const [asked, transport] = drive([{ expect: { opcode: 0x06, cdw10: 0x01, nsid: 0 }, data }]);
  assertEquals((await identifyController(asked)).sn, "S1");
  assertEquals((await identifyController(asked)).vid, 0x144d);
  assertEquals((await identifyControllerBytes(asked)).length, 4096);
  transport.done();
});

Deno.test("Identify Namespace is asked for once for each namespace", async () => {
  const [asked, transport] = drive([
    { expect: { cdw10: 0, nsid: 1 }, data: IdentifyNamespace.encode({ nsze: 10n }) },
    { expect: { cdw10: 0, nsid: 2 }, data: IdentifyNamespace.encode({ nsze: 20n }) },
  ]);
  assertEquals((await identifyNamespace(asked, 1)).nsze, 10n);
  assertEquals((await identifyNamespace(asked, 2)).nsze, 20n);
  assertEquals((await identifyNamespace(asked, 1)).nsze, 10n);
  transport.done();
});

Deno.test("a refused Identify names the drive or the namespace, and is asked again", async () => {
  const [asked] = drive([
    { expect: {}, status: 0x4002 },
    { expect: {}, status: 0x400b },
    { expect: {}, data: IdentifyController.encode({ sn: "S1" }) },
  ]);
  await assertRejects(() => identifyController(asked), StatusError, "Cannot identify /dev/nvme9:");
  await assertRejects(
    () => identifyNamespace(asked, 7),
    StatusError,
    "Cannot identify namespace 7 of /dev/nvme9:",
  );
  assertEquals((await identifyController(asked)).sn, "S1");
});

Deno.test("namespaceList() ends at the first zero", async () => {
  const [asked] = drive([list(0, 1, 2, 5, 0, 9)]);
  assertEquals(await namespaceList(asked), [1, 2, 5]);
});

Deno.test("namespaceList() of a drive without namespaces is empty", async () => {
  const [asked] = drive([list(0)]);
  assertEquals(await namespaceList(asked), []);
});

Deno.test("namespaceList() goes on after the last of a full page", async () => {
  const [asked, transport] = drive([list(0, ...upTo(1024)), list(1024, ...upTo(3, 1025))]);
  assertEquals(await namespaceList(asked), upTo(1027));
  transport.done();
});

Deno.test("namespaceList() asks once more after exactly one page, and that may be empty", async () => {
  const [asked, transport] = drive([list(0, ...upTo(1024)), list(1024)]);
  assertEquals(await namespaceList(asked), upTo(1024));
  transport.done();
});

Deno.test("namespaceList() of a drive that repeats its page ends, and repeats nothing", async () => {
  const full = upTo(1024);
  const [asked, transport] = drive([list(0, ...full), list(1024, ...full)]);
  assertEquals(await namespaceList(asked), full);
  transport.done();
});

Deno.test("namespaceList() asks for the list that is named", async () => {
  const [asked] = drive([{ expect: { cdw10: 0x10, nsid: 0 }, data: page(3) }]);
  assertEquals(await namespaceList(asked, 0x10), [3]);
});

Deno.test("the namespace is the one asked for, else the target's, else the only one", async () => {
  assertEquals(await chooseNamespace(drive([], { nsid: 2 })[0], 5), 5);
  assertEquals(await chooseNamespace(drive([], { nsid: 2 })[0], undefined), 2);
  assertEquals(await chooseNamespace(drive([list(0, 4)])[0], undefined), 4);
});

Deno.test("no namespace, or several to choose from, is an error that lists them", async () => {
  const several = await assertRejects(
    () => chooseNamespace(drive([list(0, 1, 3)])[0], undefined),
    UsageError,
    "Cannot choose a namespace: /dev/nvme9 has 2 (1, 3)",
  );
  assertEquals(several.next, "name one with --namespace N");
  await assertRejects(
    () => chooseNamespace(drive([list(0)])[0], undefined),
    UsageError,
    "Cannot choose a namespace: /dev/nvme9 has no active one",
  );
});

Deno.test("the virtual drive answers all of it", async () => {
  await using asked = new Drive(virtualDrive().transport);
  assertEquals((await identifyController(asked)).sn, "VIRTUAL0001");
  assertEquals(await namespaceList(asked), [1]);
  assertEquals((await identifyNamespace(asked, 1)).nsze > 0n, true);
});
