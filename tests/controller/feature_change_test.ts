// Changing features of a drive: what is checked first, what is sent, what is looked at afterwards.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  applyFeature,
  type FeatureWish,
  isPerNamespace,
  planFeature,
  tookOther,
} from "../../src/controller/feature_change.ts";
import { type FeatureEntry, listFeatures } from "../../src/controller/feature_list.ts";
import { fieldNames, parseAssignment } from "../../src/controller/feature_fields.ts";
import { StatusError, UnsupportedError, UsageError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/layout/mod.ts";
import { FEATURES, findFeature } from "../../src/spec/feature/registry.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { FeatureEffectsLog } from "../../src/spec/log/feature_effects.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

/** Number of Queues: what is asked for does not come back; Timestamp: it goes on meanwhile. */
const NEVER_THE_SAME: ReadonlySet<number> = new Set([0x07, 0x0e]);

type Wish = Omit<FeatureWish, "assignments">;

function wish(fid: number, typed: readonly string[] = [], rest: Partial<Wish> = {}): FeatureWish {
  return { fid, assignments: typed.map(parseAssignment), ...rest };
}

function identified(
  fields: Parameters<typeof IdentifyController.encode>[0] = { oncs: { ssfs: true } },
): Exchange {
  return { expect: { opcode: 0x06, cdw10: 1 }, data: IdentifyController.encode(fields) };
}

/** Capabilities: can be saved 1, of namespaces 2, can be changed 4. */
function capable(bits: number): Exchange {
  return { expect: { opcode: 0x0a }, result: BigInt(bits) };
}

/** A drive whose features belong to whoever owns its queues. */
function owned(kind: Transport["kind"]): Drive {
  return new Drive({ ...scriptedTransport([]), kind });
}

Deno.test("a change asks for capabilities and value, sends the new value, and reads it back", async () => {
  const transport = scriptedTransport([
    identified(),
    { expect: { opcode: 0x0a, nsid: 0, cdw10: 0x304, cdw11: 0x11_0000 }, result: 5n },
    { expect: { opcode: 0x0a, nsid: 0, cdw10: 0x004, cdw11: 0x11_0000 }, result: 0x0041n },
    { expect: { opcode: 0x09, nsid: 0, cdw10: 0x8000_0004, cdw11: 0x11_0125, length: 0 } },
    { expect: { opcode: 0x0a, nsid: 0, cdw10: 0x004, cdw11: 0x11_0000 }, result: 0x0125n },
  ]);
  const drive = new Drive(transport);
  const typed = ["tmpsel=1", "thsel=under", "tmpth=20C"];
  const change = await planFeature(drive, wish(0x04, typed, { save: true }));
  const { after } = await applyFeature(drive, change);
  transport.done();
  assertEquals(change.before?.dword0, 0x41);
  assertEquals(after?.dword0, 0x125);
  assertEquals(change.grave, undefined);
  assertEquals(after && tookOther(change, after), false);
});

Deno.test("what the drive cuts is seen", async () => {
  const drive = new Drive(virtualDrive().transport);
  const change = await planFeature(drive, wish(0x0b, [], { value: 0xffff_ffff }));
  const { after } = await applyFeature(drive, change);
  assertEquals(after && tookOther(change, after), true);
  const data = await planFeature(drive, wish(0x0c, ["entries[0].itps=3", "entries[0].itpt=1s"]));
  const kept = (await applyFeature(drive, data)).after;
  assertEquals(kept && tookOther(data, kept), false);
});

Deno.test("a feature that cannot be saved or changed is not sent", async () => {
  const refusals: readonly (readonly [exchanges: readonly Exchange[], message: string])[] = [
    [[identified(), capable(0b100)], "says that it cannot be saved"],
    [[identified(), capable(0b001)], "says that it cannot be changed"],
    [[identified({})], "saves no features (ONCS, bit 4)"],
  ];
  for (const [script, message] of refusals) {
    const transport = scriptedTransport(script);
    await assertRejects(
      () => planFeature(new Drive(transport), wish(0x06, ["wce=0"], { save: true })),
      UnsupportedError,
      message,
    );
    transport.done();
  }
});

Deno.test("a feature that each namespace has is of the one that is named, or the only one", async () => {
  const { transport } = virtualDrive("namespaces");
  const drive = new Drive(transport);
  await assertRejects(() => planFeature(drive, wish(0x05, ["tler=5s"])), UsageError, "has 5");
  const { setting, question } = await planFeature(drive, wish(0x05, ["tler=5s"], { nsid: 3 }));
  assertEquals([setting.nsid, setting.cdw11, question?.nsid], [3, 50, 3]);
  const only = new Drive(virtualDrive().transport);
  assertEquals((await planFeature(only, wish(0x05, ["tler=5s"]))).setting.nsid, 1);
});

Deno.test("a namespace for a feature of the controller is refused", async () => {
  const drive = new Drive(virtualDrive().transport);
  await assertRejects(
    () => planFeature(drive, wish(0x06, ["wce=0"], { nsid: 1 })),
    UsageError,
    "is not of single namespaces",
  );
});

Deno.test("all namespaces at once take a whole value, not fields of each", async () => {
  const drive = new Drive(virtualDrive("namespaces").transport);
  const all = { nsid: 0xffff_ffff };
  await assertRejects(
    () => planFeature(drive, wish(0x05, ["tler=5s"], all)),
    UsageError,
    "for all namespaces at once",
  );
  const change = await planFeature(drive, wish(0x05, [], { ...all, value: 7 }));
  assertEquals([change.question, change.before], [undefined, undefined]);
  assertEquals((await applyFeature(drive, change)).after, undefined);
  const one = await planFeature(drive, wish(0x05, ["dulbe=1"], { nsid: 2 }));
  assertEquals(one.before?.dword0, 7);
});

Deno.test("a feature of the controller may be asked for in the name of all namespaces", async () => {
  const drive = new Drive(virtualDrive().transport);
  const change = await planFeature(drive, wish(0x06, ["wce=0"], { nsid: 0xffff_ffff }));
  assertEquals([change.setting.nsid, change.before?.dword0], [0xffff_ffff, 1]);
  assertEquals((await applyFeature(drive, change)).after?.dword0, 0);
});

Deno.test("what whoever drives the controller has set up is not ours to change", async () => {
  const owners = [["passthrough", "the kernel"], ["polled", "the driver"]] as const;
  for (const [kind, owner] of owners) {
    for (const fid of [0x07, 0x08, 0x09, 0x0b, 0x0d, 0x0f]) {
      await assertRejects(
        () => planFeature(owned(kind), wish(fid, [], { value: 1 })),
        UnsupportedError,
        `belong to ${owner}`,
      );
    }
  }
});

Deno.test("what may be for good or only a vendor knows is grave, and who is concerned", async () => {
  const drive = new Drive(virtualDrive("namespaces").transport);
  const plan = (one: FeatureWish) => planFeature(drive, one);
  const protect = await plan(wish(0x84, ["wps=protected"], { nsid: 4 }));
  assertStringIncludes(protect.grave ?? "", "write protect a namespace");
  assertEquals([protect.namespaces, protect.keepsData], [[4], true]);
  const behavior = await plan(wish(0x16, ["acre=1"]));
  assertStringIncludes(behavior.grave ?? "", "what formats and commands mean");
  assertEquals([behavior.namespaces, behavior.keepsData], ["all", true]);
  const vendor = await plan(wish(0xc0, [], { value: 0, noData: true }));
  assertStringIncludes(vendor.grave ?? "", "only its vendor knows");
  assertEquals([vendor.namespaces, vendor.keepsData], ["all", false]);
  assertEquals((await plan(wish(0x06, ["wce=0"]))).grave, undefined);
});

Deno.test("what the drive's own log says of a feature makes it grave", async () => {
  const features = Array.from({ length: 7 }, () => ({ value: 0 }));
  features[6] = { value: 0b11 };
  const transport = scriptedTransport([
    identified({ oncs: { ssfs: true }, lpa: { mlps: true } }),
    capable(0b100),
    { expect: { opcode: 0x0a, cdw10: 6 }, result: 1n },
    {
      expect: { opcode: 0x02, cdw10: 0x00ff_8012 },
      data: FeatureEffectsLog.encode({ features }),
    },
  ]);
  const change = await planFeature(new Drive(transport), wish(0x06, ["wce=0"]));
  transport.done();
  assertEquals(change.grave, "which by the drive's own log may change user data");
  assertEquals(change.keepsData, false);
});

Deno.test("a wish without a value, and a feature that the drive does not have, are refused", async () => {
  const drive = new Drive(virtualDrive().transport);
  await assertRejects(
    () => planFeature(drive, wish(0x06)),
    UsageError,
    "what to set it to is missing",
  );
  await assertRejects(
    () => planFeature(drive, wish(0x1b, ["plsm=off"])),
    StatusError,
    "Cannot read feature Power Loss Signaling Config (1bh)",
  );
});

Deno.test("further dwords and the UUID index go where the specification has them", async () => {
  const drive = new Drive(virtualDrive().transport);
  const { setting } = await planFeature(
    drive,
    wish(0xc0, [], { value: 1, cdw12: 2, cdw13: 3, uuidIndex: 1, data: new Uint8Array(32) }),
  );
  assertEquals(
    [setting.cdw11, setting.cdw12, setting.cdw13, setting.cdw14, setting.data?.length],
    [1, 2, 3, 1, 32],
  );
});

Deno.test("the features that namespaces have are those of figure 385", () => {
  const found = FEATURES.filter((info) => isPerNamespace(info)).map(({ fid }) => fid);
  assertEquals(found, [0x03, 0x05, 0x1c, 0x1e, 0x1f, 0x20, 0x7f, 0x82, 0x83, 0x84]);
  assertEquals(isPerNamespace(findFeature(0xd0)), false);
});

/** The wish for what an entry has already: by its fields where dword 0 is not dword 11. */
function same({ question: { fid, nsid, cdw11 = 0 }, info, current }: FeatureEntry): FeatureWish {
  const rest = { fid, nsid, data: current.data };
  if (!info?.result) {
    return { ...rest, value: (current.dword0 | cdw11) >>> 0, assignments: [] };
  }
  const bytes = new Uint8Array(info.select?.size ?? 4);
  new DataView(bytes.buffer).setUint32(0, cdw11, true);
  const known: JsonObject = { ...info.select?.json(info.select.decode(bytes)), ...current.json };
  const names = info.dwords ? fieldNames(info.dwords) : [];
  const assignments = names.filter((path) => path in known).map((path) => {
    const value = known[path] as JsonObject | number | boolean;
    return { path, text: `${typeof value === "object" ? value["value"] : value}` };
  });
  return { ...rest, assignments };
}

for (const name of ["", "multipath", "critical"]) {
  Deno.test(`what virtual:${name} tells of each feature can be set again, and stays`, async () => {
    const drive = new Drive(virtualDrive(name).transport);
    const { entries } = await listFeatures(drive);
    const changed = new Set<number>();
    for (const entry of entries) {
      const { question: { fid }, current, capabilities } = entry;
      if (capabilities?.changeable === false || NEVER_THE_SAME.has(fid)) continue;
      const change = await planFeature(drive, same(entry));
      const { after } = await applyFeature(drive, change);
      assertEquals(after?.json, current.json, `${fid.toString(16)}h ${entry.which}`);
      changed.add(fid);
    }
    assert(changed.size >= 20, [...changed].map((fid) => fid.toString(16)).join(" "));
  });
}
