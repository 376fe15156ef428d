// Tests of anonymous recordings: nothing of the drive's names is left, everything else is.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { recordDrive } from "../../../src/controller/clone.ts";
import { Drive } from "../../../src/controller/drive.ts";
import { anonymous } from "../../../src/drive/recorded/anonymize.ts";
import { personalityOf } from "../../../src/drive/recorded/personality.ts";
import { answerText, parseAnswer, type Recording } from "../../../src/spec/recording.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { Bench } from "../bench.ts";

/** A recording whose serial number also stands in a vendor's log page. */
async function recorded(): Promise<Recording> {
  const { transport } = new Bench("");
  const { recording } = await recordDrive(new Drive(transport), { telemetry: true, more: [] });
  const vendor = new Uint8Array(512).fill(0x20);
  vendor.set(new TextEncoder().encode("VIRTUAL0001"), 100);
  vendor.set(new TextEncoder().encode("VIRTUAL0001"), 501);
  const log = answerText({ status: 0, dw0: 0, data: vendor });
  return { ...recording, answers: { ...recording.answers, "log c0": log } };
}

function bytesOf({ answers }: Recording): string {
  return Object.values(answers).map((text) => parseAnswer(text).data.toHex()).join("|");
}

function controllerOf({ answers }: Recording) {
  return IdentifyController.decode(parseAnswer(answers["identify 01"] ?? "").data);
}

function namespaceOf({ answers }: Recording) {
  return IdentifyNamespace.decode(parseAnswer(answers["identify 00 nsid=1"] ?? "").data);
}

Deno.test("an anonymous recording has no name of the drive left anywhere", async () => {
  const before = await recorded();
  const after = anonymous(before, "T1");
  const { sn, subnqn } = controllerOf(before);
  const { nguid, eui64 } = namespaceOf(before);
  const hex = bytesOf(after);
  for (const name of [sn, subnqn]) {
    assert(!hex.includes(new TextEncoder().encode(name).toHex()), name);
  }
  for (const identifier of [nguid, eui64]) assert(!hex.includes(identifier.toHex()));
  assert(bytesOf(before).includes(new TextEncoder().encode(sn).toHex()));
});

Deno.test("an anonymous recording leaves out what hosts and telemetry tell", async () => {
  const after = anonymous(await recorded(), "T1");
  const gone = Object.keys(after.answers).filter((key) => /^(log 0[78d]|feature 81)/.test(key));
  assertEquals(gone, []);
});

Deno.test("apart from its names an anonymous drive is the drive", async () => {
  const before = await recorded();
  const after = anonymous(before, "T1");
  const names = { serial: "", nqn: "", recorded: null, history: null };
  assertEquals(
    { ...personalityOf(after), ...names, features: [], summary: "" },
    { ...personalityOf(before), ...names, features: [], summary: "" },
  );
  assertEquals(after.answers["log 02"], before.answers["log 02"]);
});

Deno.test("each token gives other names, the same one the same", async () => {
  const before = await recorded();
  const [one, again, other] = ["A", "A", "B"].map((token) => anonymous(before, token));
  assert(one && again && other);
  assertEquals(one, again);
  assertNotEquals(controllerOf(one).sn, controllerOf(other).sn);
  assertNotEquals(controllerOf(one).subnqn, controllerOf(other).subnqn);
  assertNotEquals(namespaceOf(one).nguid, namespaceOf(other).nguid);
  assert(/^nqn\.2014-08\.org\.nvmexpress:uuid:[0-9a-f-]{36}$/.test(controllerOf(one).subnqn));
});
