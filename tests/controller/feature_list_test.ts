// All features of a drive: which are asked for, and with which values.

import { assert, assertEquals } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { type FeatureListing, listFeatures } from "../../src/controller/feature_list.ts";
import { setFeature } from "../../src/controller/features.ts";
import { preset } from "../../src/drive/mod.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { wrap } from "../../src/transport/transport.ts";
import { virtualDrive } from "../support/context.ts";
import { scriptedTransport } from "../support/scripted.ts";

function fids({ entries }: FeatureListing): readonly number[] {
  return [...new Set(entries.map(({ question: { fid } }) => fid))];
}

Deno.test("a drive with a log of its features is asked for those and no other", async () => {
  const { transport } = virtualDrive();
  const asked = new Set<number>();
  const watched = wrap(transport, {
    submit(command, next) {
      if (command.opcode === 0x0a) asked.add((command.cdw10 ?? 0) & 0xff);
      return next(command);
    },
  });
  const listing = await listFeatures(new Drive(watched));
  assertEquals(listing.listed, true);
  assertEquals(listing.refused, []);
  assertEquals(fids(listing), [...preset("")?.features ?? []].sort((one, other) => one - other));
  assertEquals([...asked], fids(listing));
});

Deno.test("current, default and saved values stand side by side, with what can be done", async () => {
  const drive = new Drive(virtualDrive().transport);
  await setFeature(drive, { fid: 0x06, cdw11: 0 });
  await setFeature(drive, { fid: 0x02, cdw11: 2, save: true });
  const { entries } = await listFeatures(drive);
  const of = (fid: number) => {
    const entry = entries.find(({ question }) => question.fid === fid);
    return [entry?.current.dword0, entry?.default?.dword0, entry?.saved?.dword0];
  };
  assertEquals(of(0x06), [0, 1, 1]);
  assertEquals(of(0x02), [2, 0, 2]);
  assertEquals(of(0x07), [0x1f_001f, 0x1f_001f, undefined], "cannot be saved");
  const queues = entries.find(({ question: { fid } }) => fid === 0x07);
  assertEquals([queues?.capabilities?.saveable, queues?.capabilities?.changeable], [false, true]);
});

Deno.test("features with several values have an entry for each", async () => {
  const { entries } = await listFeatures(new Drive(virtualDrive("namespaces").transport));
  const which = (fid: number) =>
    entries.filter(({ question }) => question.fid === fid).map(({ which }) => which);
  assertEquals(which(0x05), [1, 2, 3, 4, 9].map((nsid) => `namespace ${nsid}`));
  assertEquals(which(0x04), [
    "composite, over",
    "composite, under",
    "sensor 1, over",
    "sensor 1, under",
    "sensor 2, over",
    "sensor 2, under",
  ]);
  assertEquals(which(0x18), ["endurance group 1"]);
});

Deno.test("the values can be those of one namespace", async () => {
  const drive = new Drive(virtualDrive("namespaces").transport);
  const { entries } = await listFeatures(drive, { nsid: 3 });
  const named = entries.filter(({ question }) => (question.nsid ?? 0) !== 0);
  assert(named.length > 0);
  for (const { question, which } of named) {
    assertEquals([question.nsid, which], [3, "namespace 3"]);
  }
});

Deno.test("a drive without that log is asked for what it announces, and its refusals are told", async () => {
  const listing = await listFeatures(new Drive(virtualDrive("old").transport));
  assertEquals(listing.listed, false);
  assertEquals(listing.refused.map(({ fid }) => fid), [0x09, 0x80]);
  assert(listing.refused.every(({ reason }) => reason.includes("Invalid Field")));
  assertEquals(fids(listing), [0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b]);
});

Deno.test("a drive without save and select tells current values only", async () => {
  const values = Array.from({ length: 9 }, () => ({ expect: { opcode: 0x0a }, result: 1n }));
  const transport = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 1 }, data: IdentifyController.encode({}) },
    ...values.slice(0, 2),
    // The sensors that there are stand in the health page.
    { expect: { opcode: 0x02 }, data: new Uint8Array(512) },
    ...values.slice(0, 2),
    { expect: { opcode: 0x06, cdw10: 2 }, data: Uint8Array.of(1, 0, 0, 0) },
    { expect: { opcode: 0x0a, nsid: 1, cdw10: 5 }, result: 1n },
    ...values.slice(0, 6),
  ]);
  const { entries } = await listFeatures(new Drive(transport));
  transport.done();
  for (const { default: initial, saved, capabilities } of entries) {
    assertEquals([initial, saved, capabilities], [undefined, undefined, undefined]);
  }
});
