// The ANA log: how long it can be, and that what is read is as long as it is.

import { assertEquals, assertRejects } from "@std/assert";
import { anaLogBytes, anaLogLength, readAna } from "../../src/controller/ana.ts";
import { Drive } from "../../src/controller/drive.ts";
import { StatusError, UnsupportedError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { encodeAna } from "../../src/spec/log/ana.ts";
import { virtualDrive } from "../support/context.ts";
import { scriptedTransport } from "../support/scripted.ts";

Deno.test("the length is a header, descriptors of groups, and identifiers of namespaces", () => {
  const controller = { nanagrpid: 3, mnan: 1000, nn: 5000 };
  assertEquals(anaLogBytes(controller), 16 + 3 * 32 + 1000 * 4);
  assertEquals(anaLogBytes(controller, { groupsOnly: true }), 16 + 3 * 32);
  assertEquals(anaLogBytes({ ...controller, mnan: 0 }), 16 + 3 * 32 + 5000 * 4);
});

Deno.test("the length of a drive's page comes from its Identify data", async () => {
  const identity = IdentifyController.encode({
    cmic: { anars: true },
    nanagrpid: 2,
    mnan: 8,
    nn: 16,
  });
  const drive = () =>
    new Drive(scriptedTransport([{ expect: { opcode: 0x06, cdw10: 1 }, data: identity }]));
  assertEquals(await anaLogLength(drive()), 16 + 2 * 32 + 8 * 4);
  assertEquals(await anaLogLength(drive(), { groupsOnly: true }), 16 + 2 * 32);
  await assertRejects(
    () => anaLogLength(new Drive(virtualDrive().transport)),
    UnsupportedError,
    "it has none (CMIC, bit 3)",
  );
});

Deno.test("a virtual drive's page fits into that length, with and without namespaces", async () => {
  const drive = new Drive(virtualDrive("multipath").transport);
  const whole = await readAna(drive);
  assertEquals(whole.groups.map(({ nsids }) => nsids), [[1], [2]]);
  const groups = await readAna(drive, { groupsOnly: true });
  assertEquals(groups.groups.map(({ group, nsids }) => [group, nsids]), [[1, []], [2, []]]);
  for (const [log, groupsOnly] of [[whole, false], [groups, true]] as const) {
    const nsids = log.groups.reduce((sum, group) => sum + group.nsids.length, 0);
    const bytes = 16 + log.groups.length * 32 + nsids * 4;
    assertEquals(bytes <= await anaLogLength(drive, { groupsOnly }), true);
  }
});

Deno.test("groups without namespaces are bit 0 of the log specific parameter, in every look", async () => {
  const page = encodeAna({ changeCount: 4, groups: [{ group: 1, state: 1, nsids: [] }] });
  const transport = scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({ lpa: { lpeds: true } }) },
    { expect: { cdw10: 0x03ff_810c, cdw12: 0, length: 4096 }, data: page },
    { expect: { cdw10: 0x03ff_010c, cdw12: 0, length: 4096 }, data: page },
  ]);
  const { changeCount } = await readAna(new Drive(transport), { groupsOnly: true });
  transport.done();
  assertEquals(changeCount, 4n);
});

Deno.test("a page whose change count moved while it was read is read again", async () => {
  const page = (changeCount: number, nsids: readonly number[]) =>
    encodeAna({ changeCount, groups: [{ group: 1, state: 1, nsids }] });
  const transport = scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({ lpa: { lpeds: true } }) },
    ...[page(1, [1]), page(2, [1, 2]), page(2, [1, 2]), page(2, [1, 2])].map((data) => ({
      expect: { opcode: 0x02 },
      data,
    })),
  ]);
  const log = await readAna(new Drive(transport));
  transport.done();
  assertEquals([log.changeCount, log.groups[0]?.nsids], [2n, [1, 2]]);
});

Deno.test("a drive without the page refuses it", async () => {
  await assertRejects(() => readAna(new Drive(virtualDrive().transport)), StatusError);
});
