// The ANA log: how long it can be, and that what is read is as long as it is.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { anaLogBytes, anaLogLength, readAna } from "../../src/controller/ana.ts";
import { Drive } from "../../src/controller/drive.ts";
import { directTransport, preset, VirtualDrive } from "../../src/drive/mod.ts";
import { setAnaState } from "../../src/drive/model/ana.ts";
import { StatusError, UnreachableError, UnsupportedError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { encodeAna } from "../../src/spec/log/ana.ts";
import { type Command, wrap } from "../../src/transport/transport.ts";
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

const NAMESPACES = 3000;
const GROUPS = 60;
const PAGE_BYTES = 16 + GROUPS * 32 + NAMESPACES * 4;

/**
 * A virtual drive with a page of 13.6 KiB, where `mdts` is in pages of 4 KiB as a power of two;
 * `meddle` is called before each read of the page, with how many came before.
 */
function large(
  { mdts, groups = GROUPS, logOffsets = true, meddle = () => {} }: {
    readonly mdts: number;
    readonly groups?: number;
    readonly logOffsets?: boolean;
    readonly meddle?: (drive: VirtualDrive, before: number, command: Command) => void;
  },
): { readonly drive: Drive; readonly reads: { readonly at: number; readonly length: number }[] } {
  const base = preset("multipath");
  assert(base);
  const personality = {
    ...base,
    logOffsets,
    limits: { ...base.limits, mdts },
    ana: { groups, transitionSeconds: 10 },
    namespaces: Array.from({ length: Math.max(NAMESPACES, groups) }, (_, at) => ({
      nsid: at + 1,
      capacityBytes: 4096,
      format: 0,
      anaGroup: at % groups + 1,
    })),
  };
  const virtual = new VirtualDrive({ personality, now: () => 0, seed: 1 });
  const reads: { at: number; length: number }[] = [];
  const transport = wrap(directTransport(virtual, "virtual:"), {
    submit(command, next) {
      if (command.opcode === 0x02) {
        meddle(virtual, reads.length, command);
        reads.push({ at: command.cdw12 ?? 0, length: command.data?.bytes.length ?? 0 });
      }
      return next(command);
    },
  });
  return { drive: new Drive(transport), reads };
}

/** Another state of a group, which the change count of the page counts. */
function move(drive: VirtualDrive, group: number, again = false): void {
  setAnaState(drive, { controller: 1, group, state: again ? "optimized" : "non-optimized" });
}

Deno.test("a page that is longer than MDTS is read in pieces, whole", async () => {
  const whole = large({ mdts: 5 });
  const expected = await readAna(whole.drive);
  assertEquals(expected.groups.flatMap(({ nsids }) => nsids).length, NAMESPACES);
  assertEquals(whole.reads.map(({ at }) => at), [0, 0, 0, 0, 0], "by one command in the end");
  assert((whole.reads.at(-2)?.length ?? 0) >= PAGE_BYTES);
  const { drive, reads } = large({ mdts: 1 });
  assertEquals(await readAna(drive), expected);
  assertEquals(reads.map(({ at }) => at), [0, 0, 0, 8192, 12288, 0]);
  assert(reads.every(({ length }) => length <= 8192));
});

Deno.test("a page that changes between two pieces is read again, until it is of one piece", async () => {
  for (const at of [3, 4, 5]) {
    const { drive, reads } = large({
      mdts: 1,
      meddle: (virtual, before) => {
        if (before === at) move(virtual, 7);
      },
    });
    const log = await readAna(drive);
    assertEquals(log.changeCount, 1n);
    assertEquals(log.groups.find(({ group }) => group === 7)?.access.state, 2);
    assertEquals(reads.length, 12, "twice, with a look afterwards each time");
  }
});

Deno.test("a page that changes between pieces every time is an error, not a mixture", async () => {
  const { drive } = large({
    mdts: 1,
    meddle: (virtual, before) => {
      if (before % 6 === 4) move(virtual, 7, before % 12 === 10);
    },
  });
  await assertRejects(
    () => readAna(drive),
    UnreachableError,
    "it changed each of the 3 times that it was read in pieces",
  );
});

Deno.test("who has left the namespaces out already is not told to, nor that MDTS is in the way", async () => {
  const { drive } = large({ mdts: 5, logOffsets: false, groups: 600 });
  const error = await assertRejects(() => readAna(drive, { groupsOnly: true }), UnsupportedError);
  assertStringIncludes(error.message, "sends 16 KiB by one command (LPA bit 2)");
  assertEquals(error.next, "--length reads a beginning");
});

Deno.test("a page that neither one command nor an offset reaches is refused in one sentence", async () => {
  const { drive, reads } = large({ mdts: 1, logOffsets: false });
  const error = await assertRejects(() => readAna(drive), UnsupportedError);
  assertStringIncludes(error.message, "sends 8 KiB by one command (MDTS)");
  assertStringIncludes(error.message, "it takes no offsets (LPA bit 2)");
  assertStringIncludes(error.next ?? "", "--groups-only");
  assert(reads.every(({ at }) => at === 0));
  const groups = await readAna(drive, { groupsOnly: true });
  assertEquals(groups.groups.length, GROUPS, "as the next step says");
  assertEquals((await readAna(large({ mdts: 5, logOffsets: false }).drive)).groups.length, GROUPS);
});
