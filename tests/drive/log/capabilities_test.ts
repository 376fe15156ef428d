// Tests of the log pages that say what the drive can do, against what it does.

import { assertEquals } from "@std/assert";
import { presetNames } from "../../../src/drive/mod.ts";
import { FeatureEffectsLog } from "../../../src/spec/log/feature_effects.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { EffectsLog } from "../../../src/spec/log/effects.ts";
import { SupportedLog, supportedPages } from "../../../src/spec/log/supported.ts";
import { Bench, INVALID_OPCODE, OK } from "../bench.ts";

const INVALID_LOG = "01h/09h";

Deno.test("Supported Log Pages lists the pages that can be read and no others", async () => {
  for (const name of presetNames()) {
    const bench = new Bench(name);
    const { status: answered, data } = await bench.log(0x00, 1024);
    const listed = answered === OK
      ? supportedPages(SupportedLog.decode(data)).map(({ lid }) => lid)
      : bench.drive.personality.logs;
    for (let lid = 0; lid < 256; lid++) {
      // The persistent event log is read out of a context that has to be established first.
      const action = lid === 0x0d ? 1 : 0;
      // The endurance group log is about a group.
      const cdw11 = lid === 0x09 ? 1 << 16 : 0;
      // Telemetry is read in blocks of 512 bytes.
      const bytes = lid === 0x07 || lid === 0x08 ? 512 : 4;
      const cdw10 = ((bytes / 4 - 1) << 16) | (action << 8) | lid;
      const { status } = await bench.log(lid, bytes, { cdw10, cdw11 });
      assertEquals(status, listed.includes(lid) ? OK : INVALID_LOG, `${name} ${lid}`);
    }
  }
});

Deno.test("A drive that manages no capacity has no Media Unit Status to tell", async () => {
  const bench = new Bench();
  const { ctratt } = IdentifyController.decode((await bench.identify(0x01)).data);
  assertEquals([ctratt.fcm, ctratt.vcm], [false, false]);
  await bench.refuses("admin", 0x02, { nsid: 0xffffffff, cdw10: 0x0f, length: 4 }, {
    status: INVALID_LOG,
    byte: 40,
  });
  // Capacity Management.
  assertEquals((await bench.admin(0x20)).status, INVALID_OPCODE);
});

Deno.test("Commands Supported and Effects lists just the commands that there are", async () => {
  for (const name of presetNames()) {
    const bench = new Bench(name);
    const { status, data } = await bench.log(0x05, 4096);
    if (status !== OK) continue;
    const { admin, io } = EffectsLog.decode(data);
    for (let opcode = 0; opcode < 256; opcode++) {
      // Keeps Asynchronous Event Request from waiting: its namespace is refused.
      const command = { nsid: 0xfffffffe };
      const asked = [await bench.admin(opcode, command), await bench.io(opcode, command)];
      assertEquals(
        asked.map((answer) => answer.status !== INVALID_OPCODE),
        [admin[opcode]?.supported, io[opcode]?.supported],
        `${name} ${opcode}`,
      );
    }
  }
});

Deno.test("Commands Supported and Effects says what Format NVM changes", async () => {
  const { admin } = EffectsLog.decode((await new Bench().log(0x05, 4096)).data);
  const format = admin[0x80];
  assertEquals([format?.blockContent, format?.namespaceCapability, format?.execution], [
    true,
    true,
    1,
  ]);
  assertEquals(admin[0x06]?.blockContent, false);
});

Deno.test("Feature Identifiers Supported and Effects lists the features there are", async () => {
  const bench = new Bench();
  const { features } = FeatureEffectsLog.decode((await bench.log(0x12, 1024)).data);
  for (let fid = 0; fid < 256; fid++) {
    const { status } = await bench.admin(0x0a, { cdw10: 0x300 | fid });
    assertEquals(status === OK, features[fid]?.supported, `feature ${fid}`);
  }
  assertEquals([features[0x01]?.scope, features[0x05]?.scope], [2, 1]);
});
