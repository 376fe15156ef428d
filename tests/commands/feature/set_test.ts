// nvmectl feature set on virtual drives.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { featureGet } from "../../../src/commands/feature/get.ts";
import { featureSet } from "../../../src/commands/feature/set.ts";
import { SafetyError, UnsupportedError, UsageError } from "../../../src/errors.ts";
import { PowerTransitionData } from "../../../src/spec/feature/data.ts";
import { wrap } from "../../../src/transport/transport.ts";
import { FakeClock, runCommand, type Surroundings, virtualDrive } from "../../support/context.ts";

const SET_FEATURES = 0x09;

/** A virtual drive, and the Set Features that it got. */
function watched(name = "") {
  const sent: string[] = [];
  const transport = wrap(virtualDrive(name).transport, {
    submit(command, next) {
      const { opcode, nsid = 0, cdw10 = 0, cdw11 = 0, data } = command;
      if (opcode === SET_FEATURES) {
        sent.push(`${nsid} ${cdw10.toString(16)} ${cdw11.toString(16)} ${data?.bytes.length ?? 0}`);
      }
      return next(command);
    },
  });
  const set = (words: readonly string[], around: Surroundings = {}) =>
    runCommand(featureSet, words, { drive: transport, ...around });
  return { transport, sent, set };
}

Deno.test("feature set changes a field, and shows what it was and what it is", async () => {
  const { sent, set } = watched();
  const { text, report, context } = await set(["temperature-threshold", "--set", "tmpth=80C"]);
  assertEquals(sent, ["0 4 161 0"]);
  assertMatch(text, /^tmpth +threshold +82 °C \(355 K\) +80 °C \(353 K\)$/m);
  assertEquals([report.json["saved"], report.json["cdw11"]], [false, 353]);
  assertEquals((report.json["before"] as { tmpth: number }).tmpth, 355);
  assertEquals((report.json["after"] as { tmpth: number }).tmpth, 353);
  assertEquals(context.confirmed, [], "a setting is not confirmed");
  assertEquals(context.notices, []);
});

Deno.test("feature set --save keeps the value, where the feature can be saved", async () => {
  const { transport, sent, set } = watched();
  await set(["vwc", "--set", "wce=off", "--save"]);
  assertEquals(sent, ["0 80000006 0 0"]);
  const saved = await runCommand(featureGet, ["vwc", "--select", "saved"], { drive: transport });
  assertEquals(saved.report.json["wce"], false);
  await assertRejects(
    () => set(["host-behavior", "--set", "acre=1", "--save"]),
    UnsupportedError,
    "says that it cannot be saved",
  );
  assertEquals(sent.length, 1);
});

Deno.test("feature set asks before what is more than a setting", async () => {
  const { sent, set } = watched();
  const { context, text } = await set(["write-protection", "--set", "wps=protected"]);
  const [plan] = context.confirmed;
  assertStringIncludes(
    plan?.action ?? "",
    "Set Namespace Write Protection Config (84h) of namespace 1",
  );
  assertEquals([plan?.namespaces, plan?.keepsData], [[1], true]);
  assertMatch(text, /^wps +state +not protected +protected$/m);
  await assertRejects(
    () =>
      set(["write-protection", "--set", "wps=none"], {
        confirm: () => {
          throw new SafetyError("Cannot set: no");
        },
      }),
    UsageError,
    "one of not protected",
  );
  await assertRejects(
    () =>
      set(["write-protection", "--set", "wps=0"], {
        confirm: () => {
          throw new SafetyError("Cannot set: no");
        },
      }),
    SafetyError,
  );
  assertEquals(sent, ["1 84 1 0"], "what is not confirmed is not sent");
});

Deno.test("feature set sends data from a file, and fields on top of them", async () => {
  const { transport, sent, set } = watched();
  const table = PowerTransitionData.encode({ entries: [{ itps: 3, itpt: 100 }] });
  const { text } = await set(
    ["apst", "--data", "table.bin", "--set", "apste=1", "--set", "entries[1].itps=4"],
    { files: { "table.bin": table } },
  );
  assertEquals(sent, ["0 c 1 256"]);
  assertMatch(text, /^entries\[0\] .* to power state: 3, after: 100 ms$/m);
  const { report } = await runCommand(featureGet, ["apst"], { drive: transport });
  const { entries } = PowerTransitionData.decode(report.raw ?? table);
  assertEquals([entries[0]?.itpt, entries[1]?.itps], [100, 4]);
  await assertRejects(
    () => set(["apst", "--data", "short.bin"], { files: { "short.bin": new Uint8Array(8) } }),
    UsageError,
    "8 bytes of data: it takes 256",
  );
});

Deno.test("feature set takes a timestamp as a date, a number, or now", async () => {
  const { transport, set } = watched();
  const shown = async () =>
    (await runCommand(featureGet, ["timestamp"], { drive: transport })).report
      .json["text"] as string;
  await set(["timestamp", "--set", "timestamp=2025-06-01T12:00:00Z"]);
  assertMatch(await shown(), /^2025-06-01 12:00:00/);
  await set(["timestamp", "--set", "timestamp=86400000"]);
  assertMatch(await shown(), /^1970-01-02 00:00:00/);
  await set(["timestamp", "--set", "timestamp=now"], {
    clock: new FakeClock(Date.UTC(2030, 0, 1)),
  });
  assertMatch(await shown(), /^2030-01-01 00:00:00/);
  await assertRejects(
    () => set(["timestamp", "--set", "timestamp=soon"]),
    UsageError,
    "that is no time",
  );
});

Deno.test("feature set says where the drive took something else", async () => {
  const { set } = watched();
  const { context } = await set(["async-events", "--value", "0xffffffff"]);
  assertEquals(context.notices, ["the drive keeps another value than it was given"]);
});

Deno.test("feature set for all namespaces says that each has its own value", async () => {
  const { sent, set } = watched("namespaces");
  const { context, report } = await set(
    ["error-recovery", "--namespace", "0xffffffff", "--value", "10"],
  );
  assertEquals(sent, ["4294967295 5 a 0"]);
  assertStringIncludes(context.notices.join(), "each namespace has its own");
  assertEquals(report.json["after"], null);
});

Deno.test("feature set of a vendor's feature is confirmed, with or without data", async () => {
  const { sent, set } = watched();
  const { context } = await set(["0xc0", "--value", "0", "--no-data"]);
  assertStringIncludes(context.confirmed[0]?.action ?? "", "only its vendor knows");
  assertEquals(context.confirmed[0]?.keepsData, false);
  assertEquals(sent, ["0 c0 0 0"]);
});

Deno.test("feature set without a value says how one is given", async () => {
  const { sent, set } = watched();
  const error = await assertRejects(() => set(["vwc"]), UsageError, "what to set it to is missing");
  assertEquals(error.next, "--set FIELD=VALUE, --value or --data");
  assertEquals(sent, []);
});
