// What a command composed by hand is taken to do.

import { assertEquals } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { judge, judgeOn } from "../../src/controller/raw_effect.ts";
import type { RawCommand } from "../../src/controller/raw.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { type CommandEffects, EffectsLog } from "../../src/spec/log/effects.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const NOTHING = EffectsLog.decode(new Uint8Array(4096)).admin[0] as CommandEffects;
const HARMLESS: CommandEffects = { ...NOTHING, supported: true };

function admin(opcode: number, more: Partial<RawCommand> = {}): RawCommand {
  return { queue: "admin", opcode, ...more };
}

function io(opcode: number, more: Partial<RawCommand> = {}): RawCommand {
  return { queue: "io", opcode, nsid: 1, ...more };
}

Deno.test("judge() takes the specification's word where the drive has no effects log", () => {
  const cases: readonly (readonly [RawCommand, string])[] = [
    [admin(0x06), "read"],
    [admin(0x09, { cdw10: 2 }), "write"],
    [admin(0x80), "destroy"],
    [admin(0x84), "destroy"],
    [io(0x00), "write"],
    [io(0x01), "destroy"],
    [io(0x02), "read"],
    [io(0x09), "destroy"],
    [admin(0xc1), "destroy"],
    [admin(0x03), "destroy"],
    [io(0x92), "destroy"],
  ];
  for (const [command, effect] of cases) {
    assertEquals(judge(command, undefined).effect, effect, JSON.stringify(command));
  }
});

Deno.test("judge() never lets the effects log make a defined command less than it is", () => {
  for (const command of [admin(0x80), admin(0x84), admin(0x81), io(0x01), io(0x19)]) {
    assertEquals(judge(command, HARMLESS).effect, "destroy");
    assertEquals(judge(command, NOTHING).effect, "destroy");
  }
  assertEquals(judge(admin(0x09, { cdw10: 2 }), HARMLESS).effect, "write");
});

Deno.test("judge() lets the effects log make a defined command worse", () => {
  const blocks = judge(admin(0x09, { cdw10: 2 }), { ...HARMLESS, blockContent: true });
  assertEquals([blocks.effect, blocks.namespaces], ["destroy", "all"]);
  assertEquals(judge(admin(0x10), { ...HARMLESS, namespaceInventory: true }).effect, "destroy");
  assertEquals(judge(admin(0x06), { ...HARMLESS, controllerCapability: true }).effect, "write");
  assertEquals(judge(admin(0x06), { ...HARMLESS, execution: 1 }).effect, "write");
});

Deno.test("judge() asks for every undefined command, however harmless the log calls it", () => {
  const vendor = admin(0xc1, { nsid: 1 });
  for (const effects of [HARMLESS, NOTHING, { ...HARMLESS, blockContent: true }, undefined]) {
    assertEquals(judge(vendor, effects).effect, "destroy");
    assertEquals(judge(admin(0x03), effects).effect, "destroy");
  }
  assertEquals(
    judge(vendor, { ...HARMLESS, blockContent: true }).reason,
    "of which only its vendor knows what it does, and which by the drive's effects log " +
      "may change logical blocks",
  );
  assertEquals(judge(vendor, undefined).namespaces, "all");
});

Deno.test("judge() knows the log pages that a parameter makes more than reads", () => {
  assertEquals(judge(admin(0x02, { cdw10: 0x02 }), undefined).effect, "read");
  assertEquals(judge(admin(0x02, { cdw10: 0x07 }), undefined).effect, "read");
  assertEquals(judge(admin(0x02, { cdw10: 0x107 }), undefined).effect, "write");
  assertEquals(judge(admin(0x02, { cdw10: 0x10d }), undefined).effect, "write");
  assertEquals(judge(admin(0x02, { cdw10: 0x7f02 }), undefined).effect, "write");
  assertEquals(judge(admin(0x02, { cdw10: 0xffff8002 }), undefined).effect, "read");
});

Deno.test("judge() takes a Set Features for what its feature puts at stake", () => {
  const effect = (fid: number): string => judge(admin(0x09, { cdw10: fid }), undefined).effect;
  for (const fid of [0x01, 0x02, 0x04, 0x06, 0x07, 0x0b, 0x0c, 0x0e, 0x10, 0x17, 0x80, 0x83]) {
    assertEquals(effect(fid), "write", `feature ${fid}`);
  }
  for (const fid of [0x00, 0x0d, 0x16, 0x50, 0x84, 0x85, 0x86, 0xbf, 0xc0, 0xff]) {
    assertEquals(effect(fid), "destroy", `feature ${fid}`);
  }
  // The feature is bits 7:0 alone; bit 31 saves it.
  assertEquals(effect(0x80000002), "write");
  assertEquals(judge(admin(0x0a, { cdw10: 0x84 }), undefined).effect, "read");
});

Deno.test("judge() asks before firmware starts in use and boot partitions change", () => {
  const effects = Array.from(
    { length: 8 },
    (_, action) => judge(admin(0x10, { cdw10: (action << 3) | 1 }), undefined).effect,
  );
  assertEquals(effects.flatMap((effect, action) => effect === "destroy" ? [action] : []), [
    3,
    6,
    7,
  ]);
});

Deno.test("judge() asks before every host's reservation is cleared, not before its own is", () => {
  assertEquals(judge(io(0x15, { cdw10: 0 }), undefined).effect, "write");
  const clear = judge(io(0x15, { cdw10: 1 }), undefined);
  assertEquals([clear.effect, clear.namespaces], ["destroy", [1]]);
});

Deno.test("judge() takes the commands of whoever owns the queues for destructive", () => {
  for (const opcode of [0x00, 0x01, 0x04, 0x05, 0x45, 0x7c]) {
    assertEquals(judge(admin(opcode), undefined).effect, "destroy", `${opcode}`);
  }
  assertEquals(judge(admin(0x0c), undefined).effect, "write");
});

Deno.test("judge() takes a Fabrics command for what its type says", () => {
  assertEquals(judge(admin(0x7f, { nsid: 0x04 }), undefined).effect, "read");
  assertEquals(judge(admin(0x7f, { nsid: 0x00 }), undefined).effect, "destroy");
  assertEquals(judge(admin(0x7f, { nsid: 0x01 }), undefined).effect, "write");
  assertEquals(judge(admin(0x7f, { nsid: 0xc0 }), undefined).effect, "destroy");
});

Deno.test("judge() puts every namespace at stake with a vendor's command", () => {
  assertEquals(judge(admin(0xc1, { nsid: 1 }), undefined).namespaces, "all");
  assertEquals(judge(io(0x01), undefined).namespaces, [1]);
});

function identified(fields: Parameters<typeof IdentifyController.encode>[0]): Exchange {
  return {
    expect: { queue: "admin", opcode: 0x06, cdw10: 1, length: 4096 },
    data: IdentifyController.encode(fields),
  };
}

Deno.test("judgeOn() asks the drive nothing for a command that only reads", async () => {
  const transport = scriptedTransport([]);
  assertEquals((await judgeOn(new Drive(transport), admin(0x06))).effect, "read");
  transport.done();
});

Deno.test("judgeOn() believes that a Format NVM reaches every namespace where FNA says so", async () => {
  const reach = async (fna: number, cdw10: number): Promise<unknown> => {
    const transport = scriptedTransport([identified({ fna })]);
    const { namespaces } = await judgeOn(new Drive(transport), admin(0x80, { nsid: 1, cdw10 }));
    transport.done();
    return namespaces;
  };
  assertEquals(await reach(0, 0x200), [1]);
  assertEquals(await reach(1, 0), "all");
  assertEquals(await reach(2, 0), [1]);
  assertEquals(await reach(2, 0x200), "all");
});

Deno.test("judgeOn() reads the effects log of a vendor's command, where the drive has one", async () => {
  const entries = Array.from({ length: 256 }, (_, opcode) => opcode === 0xc2 ? 1 : 0);
  const transport = scriptedTransport([
    identified({ lpa: 0b10 }),
    {
      expect: { queue: "admin", opcode: 0x02, cdw10: 0x03ff0005, cdw14: 0, length: 4096 },
      data: EffectsLog.encode({ admin: entries }),
    },
  ]);
  const { effect, reason } = await judgeOn(new Drive(transport), admin(0xc2));
  assertEquals(effect, "destroy");
  assertEquals(reason.endsWith("effects log changes no blocks or namespaces"), true, reason);
  transport.done();
});

Deno.test("judgeOn() counts a refused effects log as none", async () => {
  const transport = scriptedTransport([
    identified({ lpa: 0b10 }),
    { expect: { opcode: 0x02 }, status: 0x4109 },
  ]);
  assertEquals((await judgeOn(new Drive(transport), admin(0xc2))).effect, "destroy");
});

Deno.test("judgeOn() asks for the effects of the namespace's own I/O command set", async () => {
  const descriptors = new Uint8Array(4096);
  descriptors.set([4, 1, 0, 0, 2]);
  const entries = Array.from({ length: 256 }, (_, opcode) => opcode === 0x92 ? 1 : 0);
  const transport = scriptedTransport([
    identified({ lpa: 0b10 }),
    { expect: { opcode: 0x06, nsid: 3, cdw10: 3 }, data: descriptors },
    {
      expect: { opcode: 0x02, cdw10: 0x03ff0005, cdw14: 0x02000000 },
      data: EffectsLog.encode({ io: entries }),
    },
  ]);
  const { reason } = await judgeOn(new Drive(transport), io(0x92, { nsid: 3 }));
  assertEquals(reason.endsWith("effects log changes no blocks or namespaces"), true, reason);
  transport.done();
});

Deno.test("judgeOn() does not take one namespace's command set for that of all of them", async () => {
  const transport = scriptedTransport([identified({ lpa: 0b10 })]);
  const judgement = await judgeOn(new Drive(transport), io(0x92, { nsid: 0xffffffff }));
  assertEquals(judgement.effect, "destroy");
  transport.done();
});

Deno.test("judgeOn() agrees with the virtual drive's own effects log", async () => {
  await using drive = new Drive(virtualDrive().transport);
  assertEquals((await judgeOn(drive, admin(0x09, { cdw10: 0x04 }))).effect, "write");
  assertEquals((await judgeOn(drive, admin(0xc0))).effect, "destroy");
});
